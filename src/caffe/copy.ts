import { create, type DescMessage, isFieldSet, type Message, type MessageShape } from '@bufbuild/protobuf';
import { positionOf, setPosition } from './position.ts';

/**
 * A shallow copy of a message with some fields changed; `undefined` clears a field. Unchanged fields are
 * shared, so that weights are not copied, and the copy stands where the original stood.
 */
export function copyWith<Desc extends DescMessage>(
  desc: Desc,
  message: MessageShape<Desc>,
  changes: { readonly [K in keyof MessageShape<Desc>]?: MessageShape<Desc>[K] | undefined },
): MessageShape<Desc> {
  const copy = create(desc);
  for (const field of desc.fields) {
    const name = field.localName;
    const kept = isFieldSet(message as Message, field) ? fieldRecord(message)[name] : undefined;
    const value = name in changes ? fieldRecord(changes)[name] : kept;
    if (value !== undefined) fieldRecord(copy)[name] = value;
  }
  setPosition(copy, positionOf(message));
  return copy;
}

/** A message's fields by their names in TypeScript, for code that is driven by the schema. */
export const fieldRecord = (message: object) => message as Record<string, unknown>;
