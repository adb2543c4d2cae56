import { plural } from '../common/format.ts';
import type { Comparison } from '../evaluation/comparison/index.ts';
import type { ResultInfo } from '../evaluation/index.ts';
import type { PageBlock, PageFacts } from './page-blocks.ts';
import { capital } from './page-models.ts';

/** Every result behind a comparison: model, data, settings and versions, with the hashes that tell them apart. */
export function provenanceBlock({ targets }: Comparison): PageBlock {
  const sheets = targets.flatMap(({ target, entries }) =>
    entries.flatMap(({ name, results }) =>
      results.map(({ source, info }): PageFacts => {
        const fold = info.place.fold === undefined ? '' : `, fold ${info.place.fold}`;
        return { title: `${capital(target)}: ${name}${fold}`, facts: factsOf(source, info) };
      }),
    ),
  );
  return { kind: 'facts', sheets };
}

function factsOf(source: string, info: ResultInfo): [name: string, value: string][] {
  const { model, data, settings, versions, notes = [], skipped = [] } = info;
  const facts: [string, string | false][] = [
    ['result', source],
    ['network', model.network],
    ['model file', model.file],
    ['its SHA-256', model.sha256],
    ['output', model.head.name],
    ['data', `${data.source} (${plural(data.images, 'image')})`],
    ['SHA-256 of names and labels', data.sha256],
    ['settings', listed(settings) || 'none'],
    ['labels', notes.length > 0 && `${notes.map(capital).join('. ')}.`],
    ['left out', skipped.length > 0 && skipped.map(({ image, error }) => `${image} (${error})`).join(', ')],
    ['versions', listed(versions)],
  ];
  return facts.filter((fact): fact is [string, string] => fact[1] !== false);
}

const listed = (record: Readonly<Record<string, unknown>>): string =>
  Object.entries(record)
    .map(([key, value]) => `${key} ${String(value)}`)
    .join(', ');
