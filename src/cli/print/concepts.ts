import { percent } from '../../common/format.ts';
import type { ConceptReport } from '../../concepts/index.ts';
import { table } from '../table.ts';

/** A line for each channel that is shown, then what follows and what does not. */
export function conceptsText({ layers, photos, findings, limits }: ConceptReport): string {
  const rows = [
    ...photos.flatMap(({ photo, layers: own }) =>
      own.flatMap(({ name, channels }) =>
        channels.map(({ channel, share }) => [photo, name, `${channel}`, percent(share), '']),
      ),
    ),
    ...layers.flatMap(({ name, concepts }) =>
      concepts.map(({ channel, share: { mean, low, high } }) => [
        'all photos',
        name,
        `${channel}`,
        percent(mean),
        low === undefined || high === undefined ? '' : `${percent(low)} to ${percent(high)}`,
      ]),
    ),
  ];
  const columns = ['in', 'layer', 'channel', 'share of relevance', '95 % interval'].map((title) => ({
    title,
  }));
  const said = (title: string, all: readonly string[]) =>
    all.length === 0 ? '' : `\n${title}\n${all.map((each) => `  ${each}\n`).join('')}`;
  return `${table(columns, rows)}${said('What this shows', findings)}${said('What it does not show', limits)}`;
}
