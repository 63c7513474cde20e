// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { Queue } from "../../src/dashboard/queue";

interface Work {
  readonly name: string;
  end: () => void;
}

function setUp() {
  const queue = new Queue(2);
  const begun: Work[] = [];
  const add = (name: string, priority: number, signal = new AbortController().signal) =>
    queue.run(
      priority,
      signal,
      () => new Promise<string>((end) => begun.push({ name, end: () => end(name) })),
    );
  return { begun, add };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe("Queue", () => {
  it("runs so many at once, and the next by priority", async () => {
    const { begun, add } = setUp();
    for (const [name, priority] of [
      ["a", 5],
      ["b", 5],
      ["c", 5],
      ["d", 1],
    ] as const) {
      void add(name, priority);
    }
    expect(begun.map((work) => work.name)).toEqual(["a", "b"]);
    begun[0]?.end();
    await settled();
    expect(begun.map((work) => work.name)).toEqual(["a", "b", "d"]);
  });

  it("forgets what is given up while it waits, and goes on after a failure", async () => {
    const { begun, add } = setUp();
    const controller = new AbortController();
    void add("a", 0);
    void add("b", 0);
    const given = add("c", 0, controller.signal);
    void add("d", 0);
    controller.abort();
    await expect(given).rejects.toMatchObject({ name: "AbortError" });
    begun[1]?.end();
    await settled();
    expect(begun.map((work) => work.name)).toEqual(["a", "b", "d"]);
    await expect(add("e", 0, controller.signal)).rejects.toMatchObject({ name: "AbortError" });
  });
});
