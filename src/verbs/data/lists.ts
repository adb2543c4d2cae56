import { type ListsRecord, makeLists } from '../../data/index.ts';
import type { Host } from '../host.ts';
import { checkRequest } from '../request.ts';
import type { Watch } from '../verb.ts';
import { type DataListsRequest, dataListsRequest } from './request.ts';

/**
 * Makes the lists for testing, training and validation of all folds of Adience, and says what the folds hold that no list
 * can and how much of each validation list was seen in training. Errors: the request's; fewer than two folds, or a broken one.
 */
export async function dataLists(
  request: DataListsRequest,
  { files }: Host,
  { signal }: Watch<never> = {},
): Promise<ListsRecord> {
  const { folds, output, preprocessing, labels, validation, seed, most } = checkRequest(
    dataListsRequest,
    request,
    signal,
  );
  return makeLists(
    folds,
    output,
    { alignment: preprocessing, labels, validation, seed, most },
    files,
    signal,
  );
}
