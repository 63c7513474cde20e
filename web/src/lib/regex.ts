// SPDX-License-Identifier: Apache-2.0
// Regular expressions that others wrote: a dashboard's. The browser tries every way in which an expression may
// fit, and "(a+)+$" has so many that the page would stand still for years. Such an expression is refused.
//
// It is one where a loop can read the same text in two ways. The expression becomes the automaton of Glushkov
// (each place of a character knows those that may follow), and two readers walk through a loop of it side by
// side: if they can part and meet again at their place, having read the same, there are two ways.

const manyTimes = 10; // a{1,11} counts as a loop: two ways eleven times over are thousands
const placesMax = 300; // with more, and a loop of a group, it is refused unread
const stepsMax = 200_000; // of all walks: a few milliseconds
const longest = 5000; // characters of an expression with such a group
const alphabet = [...Array.from({ length: 128 }, (_, i) => String.fromCharCode(i)), "é", "中", "\u2028"];

interface Part {
  readonly first: readonly number[];
  readonly last: readonly number[];
  readonly empty: boolean; // may fit nothing
}

const nothing: Part = { first: [], last: [], empty: true };
// A class, an escaped character, or another one.
const atomPattern =
  /\[(?:\\[^]|[^\]\\])*\]|\\(?:u\{[\da-f]+\}|u[\da-f]{4}|x[\da-f]{2}|p\{[^}]*\}|k<[^>]*>|c[a-z]|\d+|[^])|[^]/iy;
const groupPattern = /\((?:\?(?:<?[=!]|:|<[^>]*>))?/y;
const repeatPattern = /([*+?]|\{(\d+)(,?)(\d*)\})\??/y;

class Automaton {
  readonly chars: bigint[] = []; // of each place: a bit for each character of the alphabet that fits
  readonly next: Map<number, number>[] = []; // places that may follow, and in how many ways
  private at = 0;

  constructor(
    private readonly source: string,
    private readonly flags: string,
  ) {
    this.choice();
  }

  private take(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.source);
    this.at += found?.[0].length ?? 0;
    return found;
  }

  private join(from: readonly number[], to: readonly number[]): void {
    for (const place of from) {
      const after = this.next[place] as Map<number, number>;
      to.forEach((one) => after.set(one, (after.get(one) ?? 0) + 1));
    }
  }

  private choice(): Part {
    let all = this.sequence();
    while (this.source[this.at] === "|") {
      this.at++;
      const one = this.sequence();
      all = {
        first: [...all.first, ...one.first],
        last: [...all.last, ...one.last],
        empty: all.empty || one.empty,
      };
    }
    return all;
  }

  private sequence(): Part {
    let all = nothing;
    while (this.at < this.source.length && !"|)".includes(this.source[this.at] as string)) {
      const one = this.repeated(this.single());
      this.join(all.last, one.first);
      all = {
        first: all.empty ? [...all.first, ...one.first] : all.first,
        last: one.empty ? [...all.last, ...one.last] : one.last,
        empty: all.empty && one.empty,
      };
    }
    return all;
  }

  private repeated(part: Part): Part {
    const found = this.take(repeatPattern);
    if (found === null) {
      return part;
    }
    const [, sign, least, comma, most] = found;
    const times = most !== "" && most !== undefined ? Number(most) : Number(least);
    if (sign === "*" || sign === "+" || (comma === "," && most === "") || times > manyTimes) {
      this.join(part.last, part.first);
    }
    return sign === "*" || sign === "?" || least === "0" ? { ...part, empty: true } : part;
  }

  private single(): Part {
    const group = this.take(groupPattern);
    if (group !== null) {
      const inside = this.choice();
      this.at++; // the closing bracket
      return /[=!]$/.test(group[0]) ? nothing : inside; // what looks around is tried, but reads nothing
    }
    const atom = this.take(atomPattern)?.[0] ?? "";
    return /^(?:[\^$]|\\[bB])$/.test(atom) ? nothing : this.place(atom);
  }

  private place(atom: string): Part {
    const earlier = /^\\(?:[1-9k])/.test(atom); // what a group has read: anything
    const fits = earlier ? /^[^]$/ : new RegExp(`^${atom}$`, this.flags.replace(/[gy]/g, ""));
    const bits = alphabet.reduce((sum, one, i) => (fits.test(one) ? sum | (1n << BigInt(i)) : sum), 0n);
    const index = this.chars.push(bits) - 1;
    this.next.push(new Map());
    return { first: [index], last: [index], empty: false };
  }
}

// Places that can be reached from `from`, itself only if there is a way back.
function reached(next: readonly Map<number, number>[], from: number): Set<number> {
  const found = new Set<number>();
  const open = [from];
  for (let place = open.pop(); place !== undefined; place = open.pop()) {
    for (const one of next[place]?.keys() ?? []) {
      if (!found.has(one)) {
        found.add(one);
        open.push(one);
      }
    }
  }
  return found;
}

// Whether two readers can leave `home`, part, and both come back with the same text. `loop`: the places from
// which there is a way back to it.
function canPart(
  { next, chars }: Automaton,
  home: number,
  loop: ReadonlySet<number>,
  budget: { left: number },
) {
  const seen = new Set<string>();
  const open: [number, number, boolean][] = [[home, home, false]];
  for (let pair = open.pop(); pair !== undefined; pair = open.pop()) {
    const [left, right, parted] = pair;
    for (const [a, ways] of next[left] as Map<number, number>) {
      for (const b of (next[right] as Map<number, number>).keys()) {
        const apart = parted || a !== b || (left === right && ways > 1);
        const key = `${a} ${b} ${apart}`;
        if (--budget.left < 0) {
          return true;
        }
        const same = ((chars[a] as bigint) & (chars[b] as bigint)) !== 0n;
        if (!same || !loop.has(a) || !loop.has(b) || seen.has(key)) {
          continue;
        }
        if (apart && a === home && b === home) {
          return true;
        }
        seen.add(key);
        open.push([a, b, apart]);
      }
    }
  }
  return false;
}

// Whether trying the expression may take a time that doubles with each character. Without a group that is
// repeated it does not.
export function mayTakeForever(source: string, flags = ""): boolean {
  if (!/\)[*+{]/.test(source)) {
    return false;
  }
  if (source.length > longest || (source.match(new RegExp(atomPattern, "gi"))?.length ?? 0) > 2 * placesMax) {
    return true;
  }
  const automaton = new Automaton(source, flags);
  const { next } = automaton;
  if (next.length > placesMax) {
    return true;
  }
  const after = next.map((_, place) => reached(next, place));
  const budget = { left: stepsMax };
  return next.some((_, place) => {
    const mine = after[place] as Set<number>;
    const loop = new Set([...mine].filter((one) => after[one]?.has(place)));
    return loop.size > 0 && canPart(automaton, place, loop, budget);
  });
}

const verdicts = new Map<string, boolean>(); // an expression is met again with each value
const verdictsMax = 200;

// As new RegExp(), which throws for what is none; likewise for what is refused.
export function safeRegExp(source: string, flags = ""): RegExp {
  const expression = new RegExp(source, flags);
  const key = `${flags}/${source}`;
  const refused = verdicts.get(key) ?? mayTakeForever(source, flags);
  if (verdicts.size >= verdictsMax) {
    verdicts.clear();
  }
  verdicts.set(key, refused);
  if (refused) {
    throw new SyntaxError("the expression may take forever");
  }
  return expression;
}
