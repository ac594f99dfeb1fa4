/** Who owns the rows, as an expression of SQL. */
export const OWNER = "(SELECT id FROM app_user WHERE handle = 'lists')";
/** Copies sort behind what the API made, so that the newest rows of a nested page stay the same. */
export const id = (kind: string, n: string) => `('00000000' || substr(md5('${kind}' || ${n}), 9))::uuid`;
