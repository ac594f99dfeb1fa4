/** What Graphcache must know of the schema: types, interfaces and unions, made from schema.graphql at build time. */
declare module "virtual:schema" {
  import type { CacheExchangeOpts } from "@urql/exchange-graphcache";
  const schema: NonNullable<CacheExchangeOpts["schema"]>;
  export default schema;
}
