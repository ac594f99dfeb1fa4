import type { Platform } from "../../platform/platform.ts";
import type { Door } from "../../platform/server/doors.ts";
import { CALLBACK_PATH, returnFromGitHub } from "../service/github.ts";
import { takeDelivery, type Taken } from "../service/github-hooks.ts";

/** GitHub sends at most 25 MB; what we listen to is far smaller. */
const DELIVERY_BYTES_MAX = 4 * 1_048_576;

const STATUS: Record<Taken, number> = { TAKEN: 204, KNOWN: 200, FORGED: 401, UNREADABLE: 400, CLOSED: 404, LATER: 503 };

/** Where GitHub sends people back to, and where it tells what happened: `/github/callback` and `/github/webhooks`. */
export const gitHubDoors = (platform: Platform): Door[] => [
  {
    path: CALLBACK_PATH,
    method: "GET",
    bodyBytesMax: 0,
    answer: async ({ query, viewer }) => {
      const back = {
        state: query.get("state") ?? "",
        code: query.get("code") ?? "",
        installation: query.get("installation_id"),
        requested: query.get("setup_action") === "request",
      };
      return { to: `/code?github=${await returnFromGitHub(platform, viewer, back)}` };
    },
  },
  {
    path: "/github/webhooks",
    method: "POST",
    bodyBytesMax: DELIVERY_BYTES_MAX,
    answer: async ({ header, body }) => {
      const taken = await takeDelivery(platform, {
        id: header("x-github-delivery"),
        event: header("x-github-event"),
        signature: header("x-hub-signature-256"),
        body,
      });
      return { status: STATUS[taken] };
    },
  },
];
