import { expect, test } from "vitest";
import { refuseRegistration } from "./rules.ts";

test.each([
  ["ines", "ines@example.org", "correct horse battery", null],
  ["a", "ines@example.org", "correct horse battery", "INVALID_HANDLE"],
  ["House", "ines@example.org", "correct horse battery", "INVALID_HANDLE"],
  ["House_Sage", "ines@example.org", "correct horse battery", "INVALID_HANDLE"],
  ["h0use-sage", "ines@example.org", "correct horse battery", "INVALID_HANDLE"],
  ["4dm1n", "ines@example.org", "correct horse battery", "INVALID_HANDLE"],
  ["Agon-Admin", "ines@example.org", "correct horse battery", "INVALID_HANDLE"],
  ["matrix_operator", "ines@example.org", "correct horse battery", null],
  ["person4711x0", "ines@example.org", "correct horse battery", null],
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
