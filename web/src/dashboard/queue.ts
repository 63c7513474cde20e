// SPDX-License-Identifier: Apache-2.0
// Two lines to stand in. Requests: so many at once, the panels in view first, so that a dashboard of 200
// panels neither floods the monitor nor waits for what nobody sees. Drawing: one panel per task of the
// browser, so that no task is long, however many answers came together.

export interface Ticket {
  readonly priority: number; // smaller is sooner
}

interface Waiting extends Ticket {
  readonly start: () => void;
}

export class Queue {
  private readonly waiting: Waiting[] = [];
  private running = 0;

  constructor(private readonly atOnce: number) {}

  // Runs `work` when it is its turn. One that was aborted while it waited never runs.
  run<T>(priority: number, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const abort = () => {
        const place = this.waiting.indexOf(ticket);
        if (place >= 0) {
          this.waiting.splice(place, 1);
          reject(aborted());
        }
      };
      const ticket: Waiting = {
        priority,
        start: () => {
          signal.removeEventListener("abort", abort);
          work()
            .then(resolve, reject)
            .finally(() => this.ended());
        },
      };
      if (signal.aborted) {
        reject(aborted());
        return;
      }
      signal.addEventListener("abort", abort);
      this.waiting.push(ticket);
      this.next();
    });
  }

  private ended(): void {
    this.running--;
    this.next();
  }

  private next(): void {
    while (this.running < this.atOnce && this.waiting.length > 0) {
      let first = 0;
      this.waiting.forEach((ticket, i) => {
        if (ticket.priority < (this.waiting[first] as Waiting).priority) {
          first = i;
        }
      });
      const [ticket] = this.waiting.splice(first, 1);
      this.running++;
      ticket?.start();
    }
  }
}

function aborted(): DOMException {
  return new DOMException("given up", "AbortError");
}

const turns: (() => void)[] = [];
let channel: MessageChannel | null = null;

function turn(): void {
  const begun = performance.now();
  while (turns.length > 0 && performance.now() - begun < 4) {
    turns.shift()?.();
  }
  if (turns.length > 0) {
    afterFrame();
  }
}

// Between two turns the browser may paint and answer to the visitor.
function afterFrame(): void {
  channel ??= openChannel();
  channel.port2.postMessage(null);
}

function openChannel(): MessageChannel {
  const opened = new MessageChannel();
  opened.port1.onmessage = turn;
  return opened;
}

// Calls `draw` in a task of its own soon, in the order of the calls. Returns what takes it back.
export function inTurn(draw: () => void): () => void {
  turns.push(draw);
  if (turns.length === 1) {
    afterFrame();
  }
  return () => {
    const place = turns.indexOf(draw);
    if (place >= 0) {
      turns.splice(place, 1);
    }
  };
}
