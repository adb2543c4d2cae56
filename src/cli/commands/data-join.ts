import { withOutputs } from '../../common/outputs.node.ts';
import type { DataJoinRequest } from '../../verbs/data/index.ts';
import { type Command, command, withExamples, withJson, withOverwrite } from '../command.ts';
import { joinAndPrint } from '../print/data.ts';

type Options = Omit<DataJoinRequest, 'folders'> & { readonly overwrite?: boolean; readonly json?: boolean };

export function dataJoinCommand(): Command {
  const given = command('join')
    .summary(
      'copy the pictures of several folders into one, as for networks that see aligned and unaligned faces',
    )
    .description(
      'Copies the pictures of several folders into one, each under its own path. A path that is in two of them is an ' +
        'error, before anything is written.',
    )
    .argument('<folder...>', 'the pictures')
    .requiredOption('-o, --output <folder>', 'where to');
  return withExamples(withJson(withOverwrite(given)), [
    ["both kinds of Adience's faces", 'limn data join aligned faces_squared -o faces_mixed'],
  ]).action(joinFolders);
}

async function joinFolders(
  folders: readonly string[],
  { overwrite, json, ...options }: Options,
): Promise<void> {
  await withOutputs({ overwrite }, (outputs) => joinAndPrint({ folders, ...options }, outputs, json));
}
