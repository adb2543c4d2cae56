import { withOutputs } from '../../common/outputs.node.ts';
import type { DataSquareRequest } from '../../verbs/data/index.ts';
import { type Command, command, withExamples, withJson, withOverwrite } from '../command.ts';
import { squaresAndPrint } from '../print/data.ts';

type Options = Omit<DataSquareRequest, 'folder'> & { readonly overwrite?: boolean; readonly json?: boolean };

export function dataSquareCommand(): Command {
  const given = command('square')
    .summary("pad pictures to squares by repeating their borders, as the paper's")
    .description(
      'Pads every picture under a folder to a square by repeating its border rows or columns, into the same paths ' +
        'under another folder. Squares are copied as they are. A second run makes only what is missing or has changed.',
    )
    .argument('<folder>', 'the pictures')
    .requiredOption('-o, --output <folder>', 'where to')
    .option('--skip-bad', 'go on after pictures that cannot be read, and list them');
  return withExamples(withJson(withOverwrite(given)), [
    ['the faces that are aligned by rotation only', 'limn data square faces -o faces_squared'],
  ]).action(makeSquares);
}

async function makeSquares(folder: string, { overwrite, json, ...options }: Options): Promise<void> {
  await withOutputs({ overwrite }, (outputs) => squaresAndPrint({ folder, ...options }, outputs, json));
}
