import { Kind, type FieldNode } from "graphql";

/** Whether a field is asked for as a connection: by its edges, nodes or page info. */
export function isConnection(field: FieldNode): boolean {
  return (field.selectionSet?.selections ?? []).some(
    (each) => each.kind === Kind.FIELD && ["edges", "nodes", "pageInfo"].includes(each.name.value),
  );
}
