// SPDX-License-Identifier: Apache-2.0
// The language of math expressions: numbers, $A or ${A}, + - * / % **, comparisons, && || !, functions of one
// value.

export type MathNode =
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "input"; readonly refId: string }
  | { readonly kind: "call"; readonly name: string; readonly argument: MathNode }
  | { readonly kind: "binary"; readonly operator: string; readonly left: MathNode; readonly right: MathNode };

const truth = (yes: boolean) => (yes ? 1 : 0);

export const mathOperators: Readonly<Record<string, (left: number, right: number) => number>> = {
  "||": (left, right) => truth(left !== 0 || right !== 0),
  "&&": (left, right) => truth(left !== 0 && right !== 0),
  "==": (left, right) => truth(left === right),
  "!=": (left, right) => truth(left !== right),
  "<": (left, right) => truth(left < right),
  "<=": (left, right) => truth(left <= right),
  ">": (left, right) => truth(left > right),
  ">=": (left, right) => truth(left >= right),
  "+": (left, right) => left + right,
  "-": (left, right) => left - right,
  "*": (left, right) => left * right,
  "/": (left, right) => left / right,
  "%": (left, right) => left % right,
  "**": (left, right) => left ** right,
};

const ofNumber = (operate: (value: number) => number) => (value: number | null) =>
  value === null ? null : operate(value);

export const mathFunctions: Readonly<Record<string, (value: number | null) => number | null>> = {
  abs: ofNumber(Math.abs),
  log: ofNumber(Math.log),
  round: ofNumber((value) => Math.sign(value) * Math.round(Math.abs(value))), // halves away from zero
  ceil: ofNumber(Math.ceil),
  floor: ofNumber(Math.floor),
  is_nan: ofNumber((value) => truth(Number.isNaN(value))),
  is_inf: ofNumber((value) => truth(value === Infinity || value === -Infinity)),
  is_null: (value) => truth(value === null),
  is_number: (value) => truth(value !== null && Number.isFinite(value)),
  "-": ofNumber((value) => -value),
  "!": ofNumber((value) => truth(value === 0)),
};

const constants: Readonly<Record<string, number>> = { nan: NaN, inf: Infinity, infn: -Infinity };

// From the loosest to the tightest.
const levels: readonly (readonly string[])[] = [
  ["||"],
  ["&&"],
  ["==", "!=", "<", "<=", ">", ">="],
  ["+", "-"],
  ["*", "/", "%"],
];

const depthMax = 100; // of parentheses and signs: deeper is no formula but an attack on the stack
const lengthMax = 10_000;

const numberText = String.raw`\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?`;
const operatorText = String.raw`\*\*|[|&=!<>]=?[|&]?|[-+*/%()]`;
const tokenPattern = new RegExp(String.raw`\s*(\$\{[^}]*\}|\$\w+|${numberText}|\w+|${operatorText})`, "y");

function tokens(text: string): string[] {
  const found: string[] = [];
  tokenPattern.lastIndex = 0;
  while (tokenPattern.lastIndex < text.trimEnd().length) {
    const at = tokenPattern.lastIndex;
    const match = tokenPattern.exec(text);
    if (match === null) {
      throw new Error(`it cannot be read from "${text.slice(at, at + 20).trim()}" on`);
    }
    found.push(match[1] as string);
  }
  return found;
}

class Parser {
  private at = 0;
  private depth = 0;

  constructor(private readonly tokens: readonly string[]) {}

  whole(): MathNode {
    const node = this.level(0);
    if (this.at < this.tokens.length) {
      throw new Error(`"${this.tokens[this.at]}" is not expected there`);
    }
    return node;
  }

  private level(index: number): MathNode {
    const operators = levels[index];
    if (operators === undefined) {
      return this.unary();
    }
    let left = this.level(index + 1);
    while (operators.includes(this.tokens[this.at] ?? "")) {
      const operator = this.tokens[this.at++] as string;
      left = { kind: "binary", operator, left, right: this.level(index + 1) };
    }
    return left;
  }

  private deeper(read: () => MathNode): MathNode {
    if (++this.depth > depthMax) {
      throw new Error(`it is nested more than ${depthMax} deep`);
    }
    const node = read();
    this.depth--;
    return node;
  }

  private unary(): MathNode {
    const token = this.tokens[this.at];
    if (token === "-" || token === "!" || token === "+") {
      this.at++;
      const argument = this.deeper(() => this.unary());
      return token === "+" ? argument : { kind: "call", name: token, argument };
    }
    return this.power();
  }

  private power(): MathNode {
    const left = this.primary();
    if (this.tokens[this.at] !== "**") {
      return left;
    }
    this.at++;
    return { kind: "binary", operator: "**", left, right: this.deeper(() => this.unary()) };
  }

  private primary(): MathNode {
    const token = this.tokens[this.at++];
    if (token === undefined) {
      throw new Error("it ends too early");
    }
    if (token === "(") {
      return this.parenthesis();
    }
    if (token.startsWith("$")) {
      return { kind: "input", refId: token.replace(/^\$\{?|\}$/g, "") };
    }
    if (/^[\d.]/.test(token)) {
      return { kind: "number", value: Number(token) };
    }
    return this.named(token);
  }

  private parenthesis(): MathNode {
    const node = this.deeper(() => this.level(0));
    if (this.tokens[this.at++] !== ")") {
      throw new Error('a ")" is missing');
    }
    return node;
  }

  private named(name: string): MathNode {
    if (this.tokens[this.at] !== "(") {
      throw new Error(`"${name}" is not expected there`);
    }
    this.at++;
    if (Object.hasOwn(constants, name) && this.tokens[this.at] === ")") {
      this.at++;
      return { kind: "number", value: constants[name] as number };
    }
    if (!/^\w/.test(name) || !Object.hasOwn(mathFunctions, name)) {
      throw new Error(`there is no function "${name}"`);
    }
    return { kind: "call", name, argument: this.parenthesis() };
  }
}

// Throws an Error with the rest of a sentence.
export function parseMath(text: string): MathNode {
  if (text.length > lengthMax) {
    throw new Error(`it is longer than ${lengthMax} characters`);
  }
  return new Parser(tokens(text)).whole();
}
