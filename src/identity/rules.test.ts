import { expect, test } from "vitest";
import { refuseRegistration } from "./rules.ts";

test.each([
  ["ines", "ines@example.org", "correct horse battery", null],
  ["a", "ines@example.org", "correct horse battery", "INVALID_HANDLE"],
  ["House", "ines@example.org", "correct horse battery", "INVALID_HANDLE"],
  ["аdmin", "ines@example.org", "correct horse battery", "INVALID_HANDLE"],
  ["deleted-0123456789ab", "ines@example.org", "correct horse battery", "INVALID_HANDLE"],
  ["0xFEEDfacefeed", "ines@example.org", "correct horse battery", "INVALID_HANDLE"],
  ["ines", "ines@example", "correct horse battery", "INVALID_EMAIL"],
  ["ines", "in\0es@example.org", "correct horse battery", "INVALID_EMAIL"],
  ["ines", "ines\u202e@example.org", "correct horse battery", "INVALID_EMAIL"],
  ["ines", "ines@example.org", "elevenchars", "PASSWORD_TOO_SHORT"],
])("%s, %s, %s: %s", (handle, email, password, code) => {
  expect(refuseRegistration({ handle, email, password })?.code ?? null).toBe(code);
});
