import { type Command, command, withExamples, withJson } from '../command.ts';
import { printImported } from '../print/network.ts';

interface Options {
  readonly output: string;
  readonly json?: boolean;
}

const npmPackage = '@vladmandic/face-api';

export function importFaceApiCommand(): Command {
  const given = command('face-api')
    .summary(`the age and gender network of the npm package ${npmPackage}`)
    .description(`Makes an .onnx model from the age and gender weights in the npm package ${npmPackage}.`)
    .option('-o, --output <folder>', 'where to; writes face-api-age-gender.onnx', '.');
  return withExamples(withJson(given), [['into the folder models', 'limn import face-api -o models']]).action(
    async ({ output, json = false }: Options) => {
      const [{ importFaceApi }, { nodeHost }] = await Promise.all([
        import('../../verbs/import/index.ts'),
        import('../../hosts/node.node.ts'),
      ]);
      printImported(await importFaceApi({ output }, nodeHost), json);
    },
  );
}
