import { type Command, command } from '../command.ts';
import { importCaffeCommand } from './import-caffe.ts';
import { importFaceApiCommand } from './import-faceapi.ts';
import { importHuggingFaceCommand } from './import-hf.ts';
import { importOnnxCommand } from './import-onnx.ts';
import { importTfjsCommand } from './import-tfjs.ts';
import { importToolboxCommand } from './import-toolbox.ts';

export function importCommand(): Command {
  return command('import')
    .description(
      'Makes a self-describing .onnx model: one file with the network, its weights, how photos are prepared for it, ' +
        'its labels and where it comes from.',
    )
    .usage('caffe | onnx | hf | tfjs | toolbox | face-api …')
    .addCommand(importCaffeCommand())
    .addCommand(importOnnxCommand())
    .addCommand(importHuggingFaceCommand())
    .addCommand(importTfjsCommand())
    .addCommand(importToolboxCommand())
    .addCommand(importFaceApiCommand());
}
