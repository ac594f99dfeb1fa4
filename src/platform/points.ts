import type { Platform } from "./platform.ts";
import type { Bucket, Taken } from "./rates.ts";
import { isSignedIn, type Viewer } from "./viewer.ts";

const WINDOW_MS = 60_000;
type Priced = Pick<Platform, "settings" | "rates">;

/** The bucket of points that a viewer pays operations from. */
export const bucketOf = ({ settings }: Pick<Platform, "settings">, viewer: Viewer): Bucket =>
  isSignedIn(viewer)
    ? { name: "cost", points: settings.costPerMinuteSignedIn, windowMs: WINDOW_MS }
    : { name: "cost-anonymous", points: settings.costPerMinuteAnonymous, windowMs: WINDOW_MS };

/** Takes points of a viewer's minute, for what an operation goes on to do after it was paid for. */
export const takePoints = (platform: Priced, viewer: Viewer, points: number): Promise<Taken> =>
  platform.rates.take(bucketOf(platform, viewer), viewer.principal, points);
