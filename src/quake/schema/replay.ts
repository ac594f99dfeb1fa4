import { ReplayInterface, type Replay } from "../../ladder/schema/types.ts";
import { builder } from "../../platform/graphql/builder.ts";
import { encodeNodeId, invalidId, parseNodeId } from "../../platform/graphql/node-ids.ts";
import { declareRefusals, wordsOf } from "../../platform/graphql/refusal-types.ts";
import type { Platform } from "../../platform/platform.ts";
import type { Opened } from "../../platform/server/downloads.ts";
import { storedReplay } from "../service/spectating.ts";
import { matchStream } from "../service/steps.ts";
import { MatchNode } from "./match.ts";

declareRefusals({
  REPLAY_NOT_STORED: {
    message: "This match has no replay.",
    hint: "It is stored with the match's result; a match without a result has none.",
  },
});

/** A match's replay without the frames themselves. */
type MatchReplay = Replay & { frames: number; lengthMs: number; bytes: number };

const MatchReplayRef = builder.objectRef<MatchReplay>("MatchReplay").implement({
  description: "What a match looked like, ten frames a second: docs/quake-replays.md.",
  access: "public",
  interfaces: [ReplayInterface],
  isTypeOf: (value) => "lengthMs" in (value as object),
  fields: (t) => ({
    url: t.exposeString("url", { description: "Where to download it: gzipped JSON of the form agon-match-replay-1." }),
    frames: t.exposeInt("frames", { description: "How many frames it has." }),
    lengthMs: t.exposeInt("lengthMs", { description: "Game milliseconds from its beginning to its end." }),
    bytes: t.exposeInt("bytes", { description: "The size of the download, packed by gzip." }),
  }),
});

builder.prismaObjectField(MatchNode, "replay", (t) =>
  t.field({
    type: MatchReplayRef,
    nullable: true,
    description: "What it looked like, after its result; null before, and of a match without one.",
    select: { id: true, match: { select: { replay: { select: { frames: true, lengthMs: true, bytes: true } } } } },
    resolve: ({ id, match }, _args, { platform, cacheTags }) => {
      cacheTags.add(matchStream(id));
      const url = `${platform.origin}/matches/${encodeNodeId("QuakeMatch", id)}/replay`;
      return match?.replay ? { ...match.replay, url } : null;
    },
  }),
);

const MatchProofRef = builder.objectRef<{ url: string }>("MatchProof").implement({
  description: "A match's whole record, signed, to be verified offline: docs/replay-format.md.",
  access: "public",
  fields: (t) => ({
    url: t.exposeString("url", { description: "Where to download it: JSON of the form agon-match-1." }),
    publicKey: t.string({
      description: "The Ed25519 key, in hex, by which this server signs records.",
      resolve: (_proof, _args, { platform }) => platform.signer.publicKey,
    }),
  }),
});

builder.prismaObjectField(MatchNode, "proof", (t) =>
  t.field({
    type: MatchProofRef,
    nullable: true,
    description: "Its signed record, after the end, with or without a result; null before.",
    select: { id: true, endedAt: true },
    resolve: ({ id, endedAt }, _args, { platform }) =>
      endedAt ? { url: `${platform.origin}/replays/${encodeNodeId("QuakeMatch", id)}.json` } : null,
  }),
);

const NOWHERE = 404;
const NO_ID = 400;

/** What `/matches/:id/replay` answers. */
export async function openMatchReplay(platform: Platform, id: string): Promise<Opened> {
  const parsed = parseNodeId(id);
  if (parsed?.typename !== "QuakeMatch") {
    const { message, extensions } = invalidId(id, "a match's id, such as quake_match_0198…");
    return { ok: false, status: NO_ID, code: "INVALID_ID", message, hint: String(extensions["hint"]) };
  }
  const stored = await storedReplay(platform, parsed.uuid);
  return stored.ok ? stored : { ok: false, status: NOWHERE, code: stored.code, ...wordsOf(stored.code) };
}
