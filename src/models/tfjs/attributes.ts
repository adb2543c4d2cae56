import type { JsonField } from '../../common/json.ts';

/** A node's attributes as TensorFlow's JSON has them: 64-bit numbers as text, text as base64. */
export class NodeAttributes {
  constructor(private readonly field: JsonField) {}

  private entry(name: string, kind: string): JsonField | undefined {
    if (this.field.value === undefined) return undefined;
    const attribute = this.field.at(name);
    const inner = attribute.value === undefined ? undefined : attribute.at(kind);
    return inner?.value === undefined || inner.value === null ? undefined : inner;
  }

  text(name: string, otherwise: string): string {
    const value = this.entry(name, 's')?.string();
    return value === undefined ? otherwise : decoded(value);
  }

  number(name: string, otherwise: number): number {
    const found = this.entry(name, 'f') ?? this.entry(name, 'i');
    return found === undefined ? otherwise : Number(found.value);
  }

  flag(name: string, otherwise: boolean): boolean {
    return this.entry(name, 'b')?.boolean() ?? otherwise;
  }

  numbers(name: string): number[] {
    const list = this.entry(name, 'list');
    const { value } = list ?? {};
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
    const items = list!.at('i').value;
    return Array.isArray(items) ? items.map(Number) : [];
  }

  texts(name: string): string[] {
    const items = this.entry(name, 'list')?.at('s').value;
    return Array.isArray(items) ? items.map((item) => decoded(String(item))) : [];
  }

  /** The dimensions of a shape; −1 where it is open. */
  shape(name: string): number[] | undefined {
    const dims = this.entry(name, 'shape')?.at('dim').value;
    return Array.isArray(dims)
      ? dims.map((dim: { size?: unknown } | null) => Number(dim?.size ?? -1))
      : undefined;
  }
}

/** Text in base64; what is none is text already. */
function decoded(text: string): string {
  try {
    const plain = atob(text);
    return /^[\x20-\x7e]*$/.test(plain) ? plain : text;
  } catch {
    return text;
  }
}
