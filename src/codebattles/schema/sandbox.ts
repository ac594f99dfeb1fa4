import { builder } from "../../platform/graphql/builder.ts";
import { valuesOf } from "../../platform/graphql/enum-values.ts";
import type { DriverName } from "../rules/sandbox.ts";
import { keptOnDisk, sandboxState, type SandboxState } from "../service/sandbox.ts";

const DRIVER_WORDS: Record<Uppercase<DriverName>, string> = {
  BWRAP: "bubblewrap, with namespaces and control groups that the server makes itself; needs root and no daemon.",
  DOCKER: "A container engine of this machine that speaks Docker's API: Docker or podman.",
};

const DriverEnum = builder.enumType("SandboxDriver", {
  description: "The ways to hold a stranger's program.",
  values: valuesOf(DRIVER_WORDS),
});

const SandboxRef = builder.objectRef<SandboxState>("Sandbox").implement({
  description: "Where gladiators of code battles run on this server.",
  access: "operator",
  fields: (t) => ({
    driver: t.field({
      type: DriverEnum,
      description: "What makes sandboxes: SANDBOX_DRIVER says it.",
      resolve: ({ driver }) => driver.toUpperCase() as Uppercase<DriverName>,
    }),
    usable: t.exposeBoolean("usable", {
      description: "Whether a trial sandbox held just now. If not, no code battle runs: there is no way without one.",
    }),
    about: t.exposeString("about", {
      description: "What was found on this machine; empty when nothing could be tried.",
    }),
    missing: t.exposeStringList("missing", {
      description: "What an operator has to do before sandboxes can be made, in words; empty when they can.",
    }),
    memoryMiB: t.int({
      description: "Memory of a gladiator's programs, in MiB.",
      resolve: ({ limits }) => limits.memoryMiB,
    }),
    diskMiB: t.int({ description: "Size of a workspace, in MiB.", resolve: ({ limits }) => limits.diskMiB }),
    processesMax: t.int({
      description: "Processes and threads that a gladiator has at most.",
      resolve: ({ limits }) => limits.processesMax,
    }),
    mirrorsMiB: t.int({
      description: "What this node keeps of repositories, in MiB; codeMirrorsMibMax of limits bounds it.",
      resolve: async (_state, _args, { platform }) => (await keptOnDisk(platform)).mirrorsMiB,
    }),
    layersMiB: t.int({
      description: "What this node keeps of what set-ups made, in MiB; codeLayersMibMax of limits bounds it.",
      resolve: async (_state, _args, { platform }) => (await keptOnDisk(platform)).layersMiB,
    }),
    cpus: t.float({
      description: "Processors' time that a gladiator gets at most.",
      resolve: ({ limits }) => limits.cpus,
    }),
  }),
});

builder.queryField("sandbox", (t) =>
  t.field({
    type: SandboxRef,
    access: "operator",
    authScopes: { operator: true },
    cost: 100,
    description: "Where gladiators run, tried just now; for operators. Also: npm run admin -- sandbox.",
    resolve: (_root, _args, { platform }) => sandboxState(platform.sandbox),
  }),
);
