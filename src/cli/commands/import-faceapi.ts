import { withOutputs } from '../../common/outputs.node.ts';
import { FACE_API_MODEL } from '../../verbs/usualnames.ts';
import { type Command, command, withExamples, withJson, withOverwrite } from '../command.ts';
import { printImported } from '../print/network.ts';

interface Options {
  readonly output: string;
  readonly overwrite?: boolean;
  readonly json?: boolean;
}

const npmPackage = '@vladmandic/face-api';

export function importFaceApiCommand(): Command {
  const given = command('face-api')
    .summary(`the age and gender network of the npm package ${npmPackage}`)
    .description(`Makes an .onnx model from the age and gender weights in the npm package ${npmPackage}.`)
    .option('-o, --output <folder>', `where to; writes ${FACE_API_MODEL}`, '.');
  return withExamples(withJson(withOverwrite(given)), [
    ['into the folder models', 'limn import face-api -o models'],
  ]).action(async ({ output, overwrite, json = false }: Options) => {
    const [{ importFaceApi }, { nodeHostWith }] = await Promise.all([
      import('../../verbs/import/index.ts'),
      import('../../hosts/node.node.ts'),
    ]);
    const imported = await withOutputs({ overwrite }, (outputs) =>
      importFaceApi({ output }, nodeHostWith(outputs)),
    );
    printImported(imported, json);
  });
}
