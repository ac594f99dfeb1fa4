import type { SignedIn } from "../viewer.ts";
import { builder } from "./builder.ts";

/** The type of who asks. identity implements it; every domain hangs on it what only its owner may see. */
export const ViewerRef = builder.objectRef<SignedIn>("Viewer");
