import type { CodegenConfig } from "@graphql-codegen/cli";
import { addTypenameSelectionDocumentTransform } from "@graphql-codegen/client-preset";

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

const types = { scalars, strictScalars: true, useTypeImports: true, enumsAsTypes: true };

// persistedDocuments writes the SHA-256 manifest by which the server knows the front end's operations.
const config: CodegenConfig = {
  schema: "schema.graphql",
  ignoreNoDocuments: true,
  generates: {
    "web/src/generated/": {
      preset: "client",
      documents: ["web/src/**/*.{ts,tsx}"],
      // The normalised cache asks for every __typename: the text that the server knows has to have it too.
      documentTransforms: [addTypenameSelectionDocumentTransform],
      presetConfig: { fragmentMasking: false, persistedDocuments: { hashAlgorithm: "sha256" } },
      config: types,
    },
    // The SDK sends text and needs no GraphQL library at run time.
    "src/sdk/generated/operations.ts": {
      documents: ["src/sdk/*.graphql"],
      plugins: ["typescript-operations", "typed-document-node"],
      config: { ...types, documentMode: "string" },
    },
  },
};

export default config;
