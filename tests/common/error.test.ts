import { describe, expect, it } from 'vitest';
import { fail, failRequest, forItem, inItem, LimnError } from '../../src/common/error.ts';
import { errorOf, failureOf } from '../../src/common/failure.ts';
import { field, words } from '../../src/common/words.ts';

const caught = (work: () => unknown): LimnError => {
  try {
    work();
  } catch (error) {
    if (error instanceof LimnError) return error;
  }
  throw new Error('nothing was thrown');
};

describe('an error', () => {
  it('is one line of three parts', () => {
    const error = caught(() => fail('net.onnx', 'no model', 'give another'));
    expect(error).toMatchObject({ kind: 'input', where: 'net.onnx', what: 'no model', fix: 'give another' });
    expect(error.message).toBe('net.onnx: no model; give another');
    expect(caught(() => fail('net.onnx', 'no model')).message).toBe('net.onnx: no model');
  });

  it("calls a request's fields as each client does", () => {
    const error = caught(() =>
      failRequest(words`${field('raw', 'rawhm')}`, 'is for 3 channels', words`leave out ${field('raw')}`),
    );
    expect(error.kind).toBe('request');
    expect(error.message).toBe("raw 'rawhm': is for 3 channels; leave out raw");
    const nameOf = ({ field: name, value }: { field: string; value?: string }) =>
      value === undefined ? `--${name}` : `--${name} ${value}`;
    expect(error.messageFor(nameOf)).toBe('--raw rawhm: is for 3 channels; leave out --raw');
  });

  it('comes whole through the messages between threads', () => {
    const error = caught(() =>
      fail(words`image ${3}`, words`no ${field('head')}`, undefined, { kind: 'item', item: 3 }),
    );
    const arrived = errorOf(structuredClone(failureOf(error))) as LimnError;
    expect(arrived).toBeInstanceOf(LimnError);
    expect(arrived).toMatchObject({ kind: 'item', item: 3, message: error.message });
    expect(arrived.messageFor(() => '--head')).toBe('image 3: no --head');
  });

  it('of one of many items concerns this item, unless it is of the request or of the machine', async () => {
    const of = async (kind: 'input' | 'item' | 'request' | 'environment') =>
      forItem('a.jpg', async () => fail('a.jpg', 'damaged', undefined, { kind })).catch((error) => error);
    expect(await of('input')).toMatchObject({ kind: 'item', item: 'a.jpg', message: 'a.jpg: damaged' });
    expect(await of('request')).toMatchObject({ kind: 'request', item: undefined });
    expect(await of('environment')).toMatchObject({ kind: 'environment', item: undefined });
    const bug = new TypeError('a bug');
    await expect(forItem('a.jpg', () => Promise.reject(bug))).rejects.toBe(bug);
  });

  it('of an image in a batch becomes one of the photo that the batch was made of', async () => {
    const error = inItem('a.jpg', async () =>
      fail('relevance, image 0', 'NaN among its numbers', undefined, { kind: 'item', item: 0 }),
    );
    await expect(error).rejects.toMatchObject({
      kind: 'item',
      item: 'a.jpg',
      message: 'a.jpg: relevance, image 0: NaN among its numbers',
    });
    await expect(inItem('a.jpg', async () => fail('net', 'no such head'))).rejects.toMatchObject({
      kind: 'input',
      item: undefined,
    });
  });
});
