import { withOutputs } from '../../common/outputs.node.ts';
import type { ReportRequest } from '../../verbs/report/index.ts';
import { type Command, command, withExamples, withOverwrite } from '../command.ts';
import { reportAndPrint } from '../print/reports.ts';

type Options = Omit<ReportRequest, 'comparison'> & { readonly overwrite?: boolean };

export function reportCommand(): Command {
  const given = command('report')
    .description(
      'Makes one HTML file of a comparison, which opens offline, on a phone and in print: findings, charts, sortable ' +
        'tables, confusions, the most confident mistakes with what the model looked at, heatmaps, training progress, settings and hashes, and what the numbers and the labels do ' +
        'not say. The same charts go into the folder charts/ as Vega-Lite specification, SVG and PNG. Heatmaps that ' +
        'limn grid and regions that limn regions wrote into the folder or into folders in it are taken in.',
    )
    .argument('<folder>', 'the folder that limn compare wrote')
    .option('-o, --output <file>', 'where to; report.html in the folder unless given')
    .option('--title <text>', 'the title; what is compared unless given')
    .option('--grids <folder...>', 'other folders that limn grid wrote', [])
    .option('--regions <folder...>', 'other folders that limn regions wrote', [])
    .option('--photos-by <text>', 'whose the photos in the heatmaps are, and their licence')
    .option(
      '--logs <run...>',
      "trainings: folders of limn train, logs of Caffe's, or .csv with columns iteration, value, time, metric, series",
      [],
    )
    .option(
      '--no-photos',
      'show no photos: neither the most confident mistakes nor right answers, nor regions on photos',
    )
    .option('--no-charts', 'the page only');
  return withExamples(withOverwrite(given), [
    ['a page beside the comparison', 'limn compare face-a face-b -o out && limn report out'],
    ['with heatmaps in it', 'limn grid a.onnx b.onnx --photos cat.jpg -o out/heatmaps && limn report out'],
  ]).action(makeReport);
}

async function makeReport(comparison: string, { overwrite, ...options }: Options): Promise<void> {
  await withOutputs({ overwrite }, (outputs) => reportAndPrint({ ...options, comparison }, outputs));
}
