import { fail } from './error.ts';

/** A JSON text as a {@link JsonField}. Errors: it is none. */
export function parseJson(text: string, where: string, fix?: string): JsonField {
  try {
    return new JsonField(JSON.parse(text), where, fix);
  } catch {
    return fail(where, 'malformed JSON', fix);
  }
}

/** A piece of JSON at a place that errors can name. */
export class JsonField {
  constructor(
    readonly value: unknown,
    readonly where: string,
    /** What errors say to do. */
    readonly fix?: string,
  ) {}

  wrong(expected: string): never {
    return fail(this.where, `expected ${expected}`, this.fix);
  }

  at(key: string): JsonField {
    const { value } = this;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return this.wrong('an object');
    const inner: unknown = Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined;
    return new JsonField(inner, `${this.where}, ${key}`, this.fix);
  }

  /** `{ key: … }` if the key is there, else nothing, ready to be spread. */
  optional<K extends string, T>(key: K, read: (field: JsonField) => T): { [P in K]?: T } {
    const field = this.at(key);
    return field.value === undefined ? {} : ({ [key]: read(field) } as { [P in K]: T });
  }

  list<T>(read: (field: JsonField) => T): T[] {
    if (!Array.isArray(this.value)) return this.wrong('a list');
    return this.value.map((item, i) => read(new JsonField(item, `${this.where}, item ${i}`, this.fix)));
  }

  record<T>(read: (field: JsonField) => T): Record<string, T> {
    const { value } = this;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return this.wrong('an object');
    return Object.fromEntries(Object.keys(value).map((key) => [key, read(this.at(key))]));
  }

  string(): string {
    return typeof this.value === 'string' ? this.value : this.wrong('text');
  }

  number(): number {
    return typeof this.value === 'number' ? this.value : this.wrong('a number');
  }

  boolean(): boolean {
    return typeof this.value === 'boolean' ? this.value : this.wrong('true or false');
  }

  /** A whole number from `least` on. */
  whole(least = 0): number {
    const n = this.number();
    return Number.isSafeInteger(n) && n >= least ? n : this.wrong(`a whole number from ${least} on`);
  }

  /** A list of so many. */
  tuple<T>(length: number, read: (field: JsonField) => T): T[] {
    const all = this.list(read);
    return all.length === length ? all : this.wrong(`a list of ${length}`);
  }

  /** A whole number from 1 on. */
  count(): number {
    const n = this.number();
    return Number.isSafeInteger(n) && n > 0 ? n : this.wrong('a whole number above 0');
  }

  oneOf<T extends string>(...choices: readonly T[]): T {
    const found = choices.find((choice) => choice === this.value);
    return found ?? this.wrong(`one of ${choices.join(', ')}`);
  }
}
