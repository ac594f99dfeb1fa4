import {
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isNonNullType,
  isObjectType,
  isUnionType,
  type GraphQLNamedType,
} from "graphql";
import { describe, expect, test } from "vitest";
import { schema } from "../../src/schema.ts";

const TYPES = Object.values(schema.getTypeMap()).filter((type) => !type.name.startsWith("__"));
const BUILT_IN = ["String", "Int", "Float", "Boolean", "ID"];

/** The mutations that are not once by a key. */
const KEYLESS = [
  "ConnectGitHub",
  "CreateSiweChallenge",
  "DeleteAccount",
  "Heartbeat",
  "ImportXpEvents",
  "LinkWallet",
  "OpenPullRequestForGladiator",
  "RegisterUser",
  "ResetPassword",
  "SendQuakeAction",
  "SetPassword",
  "SignIn",
  "SignInWithEthereum",
  "SignOut",
  "TestStrategy",
];

const accessOf = (extensions: Readonly<Record<string | symbol, unknown>>) =>
  (extensions["pothosOptions"] as { access?: string } | undefined)?.access;

function describedParts(type: GraphQLNamedType): [string, string | null | undefined][] {
  const own: [string, string | null | undefined][] = [[type.name, type.description]];
  if (isEnumType(type))
    return [
      ...own,
      ...type
        .getValues()
        .map((value): [string, string | null | undefined] => [`${type.name}.${value.name}`, value.description]),
    ];
  if (isInputObjectType(type))
    return [
      ...own,
      ...Object.values(type.getFields()).map((field): [string, string | null | undefined] => [
        `${type.name}.${field.name}`,
        field.description,
      ]),
    ];
  if (!isObjectType(type) && !isInterfaceType(type)) return own;
  const fields = Object.values(type.getFields()).flatMap((field): [string, string | null | undefined][] => [
    [`${type.name}.${field.name}`, field.description],
    ...field.args.map((arg): [string, string | null | undefined] => [
      `${type.name}.${field.name}(${arg.name})`,
      arg.description,
    ]),
  ]);
  return [...own, ...fields];
}

describe("the schema", () => {
  test("describes every type, field, argument and enum value", () => {
    const silent = TYPES.filter((type) => !BUILT_IN.includes(type.name))
      .flatMap(describedParts)
      .filter(([, description]) => !description || description.trim().length < 3)
      .map(([name]) => name);
    expect(silent).toEqual([]);
  });

  test("says of every type or each of its fields who may read it", () => {
    const unclassified = TYPES.filter((type) => isObjectType(type) || isInterfaceType(type))
      .filter(
        (type) => accessOf(type.extensions) === undefined && !/Connection$|Edge$|^PageInfo$|^Node$/.test(type.name),
      )
      .flatMap((type) =>
        Object.values(type.getFields()).map((field) => ({
          name: `${type.name}.${field.name}`,
          access: accessOf(field.extensions),
        })),
      )
      .filter(({ access }) => access === undefined)
      .map(({ name }) => name);
    expect(unclassified).toEqual([]);
  });

  test("gives every mutation one input and one result union with its success and its refusals", () => {
    for (const field of Object.values(schema.getMutationType()?.getFields() ?? {})) {
      expect(field.args.map((arg) => [arg.name, isNonNullType(arg.type)])).toEqual([["input", true]]);
      const result = getNamedType(field.type);
      expect(isUnionType(result) && result.name).toBe(
        `${field.name.charAt(0).toUpperCase()}${field.name.slice(1)}Result`,
      );
      const members = isUnionType(result) ? result.getTypes().map((type) => type.name) : [];
      expect(members.filter((name) => !name.endsWith("Refusal"))).toHaveLength(1);
    }
  });

  test("takes an idempotency key with every mutation, but for those that say why not", () => {
    const inputs = Object.values(schema.getMutationType()?.getFields() ?? {})
      .map(({ args }) => args[0] && getNamedType(args[0].type))
      .filter(isInputObjectType);
    const keyless = inputs.filter((input) => !("idempotencyKey" in input.getFields()));
    expect(keyless.map(({ name }) => name.replace(/Input$/, "")).toSorted()).toEqual(KEYLESS);
    const reasons = inputs.map(({ description }) => / No idempotency key: (.{20,})\.$/.exec(description ?? "")?.[1]);
    expect(reasons.filter((reason) => reason !== undefined)).toHaveLength(KEYLESS.length);
    for (const { description } of keyless) expect(description).toMatch(/ No idempotency key: .{20,}\.$/);
  });

  test("refuses a reused key by name exactly where a key is taken", () => {
    for (const field of Object.values(schema.getMutationType()?.getFields() ?? {})) {
      const [result, input] = [getNamedType(field.type), field.args[0] && getNamedType(field.args[0].type)];
      const refusals = isUnionType(result) ? result.getTypes().map(({ name }) => name) : [];
      const takesKey = isInputObjectType(input) && "idempotencyKey" in input.getFields();
      expect([field.name, refusals.includes("IdempotencyKeyReusedRefusal")]).toEqual([field.name, takesKey]);
    }
  });
});
