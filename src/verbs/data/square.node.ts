import { squareTree } from '../../data/pictures/square.node.ts';
import type { NodeHost } from '../nodehost.node.ts';
import { checkRequest } from '../request.ts';
import type { FailedEvent, ProgressEvent, Watch } from '../verb.ts';
import { type DataSquareRequest, dataSquareRequest } from './request.ts';

/** What became of the pictures. */
export interface DataSquareResult {
  readonly output: string;
  readonly written: number;
  /** Pictures that were there already, made of the same files. */
  readonly kept: number;
  /** What is wrong with pictures that could not be read. */
  readonly failed: readonly string[];
}

/**
 * Pads every picture under a folder to a square by repeating its border, into the same paths under another folder. A second
 * call makes only what is missing or has changed. Errors: the request's; as of `squareTree` of limn/node.
 */
export async function dataSquare(
  request: DataSquareRequest,
  { outputs }: Pick<NodeHost, 'outputs'> = {},
  { on, signal }: Watch<ProgressEvent | FailedEvent> = {},
): Promise<DataSquareResult> {
  const { folder, output, skipBad } = checkRequest(dataSquareRequest, request, signal);
  const { written, kept, failed } = await squareTree(folder, output, {
    skipBad,
    outputs,
    signal,
    progress(done, total) {
      signal?.throwIfAborted();
      on?.({ kind: 'progress', what: 'pictures', done, total });
    },
  });
  for (const { where, message } of failed) on?.({ kind: 'failed', failed: { item: where, error: message } });
  return { output, written, kept, failed: failed.map(({ message }) => message) };
}
