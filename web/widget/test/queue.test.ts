import { expect, test, vi } from "vitest";
import { Refused } from "../src/app/api";
import { type Outgoing, Queue } from "../src/app/queue";

const item = (echo: string): Outgoing => ({ echo, content: echo, at: 0 });

function setUp(send: (i: Outgoing) => Promise<void>) {
  const reached: boolean[] = [];
  const queue = new Queue({ send, changed: () => undefined, reached: yes => reached.push(yes) });
  return { queue, reached };
}

test("one thing is under way at a time, in the order in which it was written", async () => {
  let under = 0;
  const sent: string[] = [];
  const { queue } = setUp(async i => {
    expect(++under).toBe(1);
    await Promise.resolve();
    sent.push(i.echo);
    under--;
  });
  for (const e of ["a", "b", "c"]) queue.add(item(e));
  await vi.waitFor(() => expect(queue.items).toEqual([]));
  expect(sent).toEqual(["a", "b", "c"]);
});

test("what did not get through is sent again with the same name, before what came later", async () => {
  vi.useFakeTimers();
  const tried: string[] = [];
  let away = 3;
  const { queue, reached } = setUp(async i => {
    tried.push(i.echo);
    if (away-- > 0) throw new Refused(0, "offline", "");
  });
  queue.add(item("a"));
  queue.add(item("b"));
  await vi.advanceTimersByTimeAsync(30_000);
  expect(tried).toEqual(["a", "a", "a", "a", "b"]);
  expect(reached).toEqual([false, false, false, true, true]);
  expect(queue.items).toEqual([]);
  vi.useRealTimers();
});

test("what is refused for good stays, marked, and the next goes on", async () => {
  const { queue } = setUp(async i => {
    if (i.echo === "a") throw new Refused(422, "invalid", "content is too long");
  });
  queue.add(item("a"));
  queue.add(item("b"));
  await vi.waitFor(() => expect(queue.items).toHaveLength(1));
  expect(queue.items[0]).toMatchObject({ echo: "a", failed: "content is too long" });
  queue.drop("a");
  expect(queue.items).toEqual([]);
});

test("a server that asks to wait is not asked before", async () => {
  vi.useFakeTimers();
  let tries = 0;
  const { queue } = setUp(async () => {
    if (++tries === 1) throw new Refused(429, "too_many_requests", "", 20);
  });
  queue.add(item("a"));
  await vi.advanceTimersByTimeAsync(14_000);
  expect(tries).toBe(1);
  await vi.advanceTimersByTimeAsync(12_000);
  expect(tries).toBe(2);
  vi.useRealTimers();
});
