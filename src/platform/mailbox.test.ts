import { expect, test } from "vitest";
import { Mailbox } from "./mailbox.ts";

const mailbox = (max: number) => {
  let left = 0;
  const box = new Mailbox<number>(max, () => left++);
  return { box, left: () => left };
};

test("a reader that waits is handed the next item at once", async () => {
  const { box } = mailbox(1);
  const next = box.next();
  expect(box.deliver(1)).toBe(true);
  expect(await next).toEqual({ done: false, value: 1 });
});

test("a reader that does not read has three items waiting and no fourth, and reads those three in order", async () => {
  const { box } = mailbox(3);
  expect([1, 2, 3, 4].map((item) => box.deliver(item))).toEqual([true, true, true, false]);
  expect([await box.next(), await box.next(), await box.next()].map(({ value }) => value)).toEqual([1, 2, 3]);
});

test.each(["SLOW_CONSUMER", "SERVER_STOPPING"] as const)(
  "a mailbox that is closed gives what it has, then says %s, also to who waits",
  async (reason) => {
    const { box } = mailbox(3);
    box.deliver(1);
    box.close(reason);
    expect(box.deliver(2)).toBe(false);
    expect((await box.next()).value).toBe(1);
    await expect(box.next()).rejects.toMatchObject({ extensions: { code: reason } });
    const { box: empty } = mailbox(3);
    const waiting = empty.next();
    empty.close(reason);
    await expect(waiting).rejects.toMatchObject({ extensions: { code: reason } });
  },
);

test("who leaves ends the wait, and nothing more is taken for it", async () => {
  const { box, left } = mailbox(3);
  const waiting = box.next();
  await box.return();
  expect(await waiting).toEqual({ done: true, value: undefined });
  expect(left()).toBe(1);
  expect(box.deliver(1)).toBe(false);
  expect(await box.next()).toEqual({ done: true, value: undefined });
});
