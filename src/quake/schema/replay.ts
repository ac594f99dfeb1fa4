import { ReplayInterface, type Replay } from "../../ladder/schema/types.ts";
import { builder } from "../../platform/graphql/builder.ts";
import { encodeNodeId, invalidId, parseNodeId } from "../../platform/graphql/node-ids.ts";
import { declareRefusals, wordsOf } from "../../platform/graphql/refusal-types.ts";
import type { Platform } from "../../platform/platform.ts";
import type { Opened } from "../../platform/server/downloads.ts";
import { FRAMES_KEPT_DAYS, keptUntil } from "../rules/frames.ts";
import { storedReplay } from "../service/spectating.ts";
import { matchStream } from "../service/steps.ts";
import { MatchNode } from "./match.ts";

declareRefusals({
  REPLAY_NOT_STORED: {
    message: "This match has no replay.",
    hint: "It is stored with the match's result; a match without a result has none.",
  },
  REPLAY_PRUNED: {
    message: "What this match looked like is not kept any more.",
    hint: "Its events are: ask for match { proof { url } kills }, and verify them.",
  },
});

/** A match's replay without the frames themselves. */
type MatchReplay = Replay & { frames: number; lengthMs: number; bytes: number; storedAt: Date };

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
    keptUntil: t.field({
      type: "DateTime",
      description: `Until when it is kept at least, ${FRAMES_KEPT_DAYS} days; after that the match has only its events.`,
      resolve: ({ storedAt }) => keptUntil(storedAt),
    }),
  }),
});

builder.prismaObjectField(MatchNode, "replay", (t) =>
  t.field({
    type: MatchReplayRef,
    nullable: true,
    description:
      "What it looked like, after its result; null before, of a match without one, and when it is not kept any more.",
    select: {
      id: true,
      match: {
        select: { replay: { select: { frames: true, lengthMs: true, bytes: true, storedAt: true, prunedAt: true } } },
      },
    },
    resolve: ({ id, match }, _args, { platform, cacheTags }) => {
      cacheTags.add(matchStream(id));
      const url = `${platform.origin}/matches/${encodeNodeId("QuakeMatch", id)}/replay`;
      return match?.replay && !match.replay.prunedAt ? { ...match.replay, url } : null;
    },
  }),
);

builder.prismaObjectField(MatchNode, "replayPrunedAt", (t) =>
  t.field({
    type: "DateTime",
    nullable: true,
    description: `Since when what it looked like is not kept any more, ${FRAMES_KEPT_DAYS} days and more after its end; null while it is, and of a match that never had a replay. Its events are kept, and its proof.`,
    select: { match: { select: { replay: { select: { prunedAt: true } } } } },
    resolve: ({ match }) => match?.replay?.prunedAt ?? null,
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
const GONE = 410;
const NO_ID = 400;

/** What `/matches/:id/replay` answers. */
export async function openMatchReplay(platform: Platform, id: string): Promise<Opened> {
  const parsed = parseNodeId(id);
  if (parsed?.typename !== "QuakeMatch") {
    const { message, extensions } = invalidId(id, "a match's id, such as quake_match_0198…");
    return { ok: false, status: NO_ID, code: "INVALID_ID", message, hint: String(extensions["hint"]) };
  }
  const stored = await storedReplay(platform, parsed.uuid);
  if (stored.ok) return stored;
  const { code, message } = stored;
  const status = code === "REPLAY_PRUNED" ? GONE : NOWHERE;
  return { ok: false, status, code, ...wordsOf(code), ...(message === undefined ? {} : { message }) };
}
