import type { CodegenConfig } from "@graphql-codegen/cli";

const scalars = {
  DateTime: "string",
  Cursor: "string",
  Sha256: "string",
  Address: "string",
  TokenAmount: "string",
  UserText: "string",
  JSON: "unknown",
  UUID: "string",
};

// persistedDocuments writes the SHA-256 manifest by which the server knows the front end's operations.
const config: CodegenConfig = {
  schema: "schema.graphql",
  documents: ["web/src/**/*.{ts,tsx}"],
  ignoreNoDocuments: true,
  generates: {
    "web/src/generated/": {
      preset: "client",
      presetConfig: { fragmentMasking: false, persistedDocuments: { hashAlgorithm: "sha256" } },
      config: { scalars, strictScalars: true, useTypeImports: true, enumsAsTypes: true, documentMode: "documentNode" },
    },
  },
};

export default config;
