/** The values of an enum, by name with what each means. */
export function valuesOf<Name extends string>(words: Record<Name, string>): Record<Name, { description: string }> {
  const described = Object.entries<string>(words).map(([name, description]) => [name, { description }]);
  return Object.fromEntries(described) as Record<Name, { description: string }>;
}
