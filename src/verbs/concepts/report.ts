import { targetName } from '../../attribution/index.ts';
import { csvLine } from '../../common/csv.ts';
import {
  type AnalysedLayer,
  byMean,
  type ChannelTally,
  type Concept,
  type ConceptReport,
  type ConceptSurvey,
  conceptFindings,
  conceptLimits,
  type LayerSurvey,
  meanOfChannel,
} from '../../concepts/index.ts';
import { fileName, stems } from '../photos.ts';
import type { ConceptsWork } from './setting.ts';
import type { Shown } from './shown.ts';

/** What a report is made of. */
export interface MadeConcepts {
  readonly identity: Pick<ConceptReport, 'model' | 'data' | 'settings' | 'versions'>;
  readonly work: ConceptsWork;
  readonly survey: ConceptSurvey;
  readonly shown: Shown;
}

/** Names of what is drawn: a sheet of each layer, and of each explained photo at each layer; attribution graphs. */
export function sheetNames({
  work: { host, layers },
  shown: { photos, edges },
}: Pick<MadeConcepts, 'work' | 'shown'>) {
  const named = stems(
    photos.map(({ photo }) => photo),
    host,
  );
  return {
    ofLayer: new Map(layers.map(({ name }) => [name, `layer-${fileName(name)}.png`])),
    ofPhoto: photos.map(
      (_, i) =>
        new Map(layers.map(({ name }) => [name, `photo-${fileName(named[i])}-${fileName(name)}.png`])),
    ),
    // A layer's sheet has another ending.
    graph: edges.length > 0 ? 'graph.svg' : undefined,
    graphOfPhoto: photos.map((photo, i) =>
      photo.edges.length > 0 ? `photo-${fileName(named[i])}-graph.svg` : undefined,
    ),
  };
}

/** Puts together what the survey and the looking at channels came to. */
export function conceptReportOf(made: MadeConcepts): ConceptReport {
  const { identity, work, survey, shown } = made;
  const names = sheetNames(made);
  const { sheets } = work.fields;
  const layers = survey.layers.map((each) =>
    layerOf(each, made, sheets ? names.ofLayer.get(each.layer.name) : undefined),
  );
  const photos = shown.photos.map(({ photo, reading, layers: own, edges }, i) => ({
    photo,
    target: reading.about.named,
    score: reading.about.score,
    layers: [...own].map(([name, channels]) => ({
      name,
      channels: channels.map(({ channel, share, crop }) => ({ channel, share, crop })),
      ...(sheets && { sheet: names.ofPhoto[i].get(name) }),
    })),
    edges,
    ...(sheets && { graph: names.graphOfPhoto[i] }),
  }));
  const skipped = survey.unread.map(({ photo, error }) => ({ photo, error }));
  const data = { ...identity.data, photos: identity.data.photos - skipped.length, skipped };
  const evidence = { layers, edges: shown.edges, photos, data };
  return {
    format: 'limn concepts 1',
    ...identity,
    data,
    rules: survey.rules,
    layers,
    edges: shown.edges,
    ...(sheets && { graph: names.graph }),
    photos,
    findings: conceptFindings(evidence),
    limits: conceptLimits(evidence),
  };
}

function layerOf(
  { layer, all, classes, through }: LayerSurvey,
  made: MadeConcepts,
  sheet?: string,
): AnalysedLayer {
  const { work, shown } = made;
  const { channels: most } = work.fields;
  const { name, channels, grid } = layer;
  return {
    name,
    channels,
    grid,
    through: meanOfChannel(through, 0),
    half: halfOf(all),
    concepts: shown.chosen.get(name)!.map((channel) => conceptOf(channel, all, name, made)),
    classes: [...classes]
      .sort(([, a], [, b]) => b.shares.n - a.shares.n)
      .map(([label, { shares }]) => ({
        name: label,
        photos: shares.n,
        channels: byMean(shares)
          .slice(0, most)
          .filter((channel) => shares.sums[channel] > 0)
          .map((channel) => {
            const { mean, low, high } = meanOfChannel(shares, channel);
            return { channel, share: mean, low, high };
          }),
      })),
    ...(sheet && { sheet }),
  };
}

function conceptOf(
  channel: number,
  all: ChannelTally,
  layer: string,
  { work, shown }: MadeConcepts,
): Concept {
  const { head } = work.classifier;
  const tiles = shown.layers.get(layer)!.get(channel) ?? [];
  return {
    channel,
    share: meanOfChannel(all.shares, channel),
    activation: meanOfChannel(all.activations, channel),
    references: tiles.map(({ kind, reference: { photo, value, target, at }, field, crop }) => ({
      kind,
      photo: work.photos.names[photo],
      value,
      target: targetName(target, head),
      at,
      field,
      crop,
    })),
  };
}

/** How many channels, the strongest first, hold half of the mean shares that are positive. */
function halfOf({ shares }: ChannelTally): number {
  const positive = [...shares.sums].filter((sum) => sum > 0).sort((a, b) => b - a);
  const total = positive.reduce((sum, value) => sum + value, 0);
  let held = 0;
  const place = positive.findIndex((value) => {
    held += value;
    return held >= total / 2;
  });
  return place + 1;
}

/** Channels of each class that the table has. */
const TABLE_CHANNELS = 20;

/** The means of all channels over all photos, and of the strongest of each class, a line each. */
export function channelsTable({ survey }: Pick<MadeConcepts, 'survey'>): string {
  const lines = survey.layers.flatMap(({ layer, all, classes }) =>
    [['', all] as const, ...classes].flatMap(([label, { shares, activations }]) =>
      byMean(shares)
        .slice(0, label === '' ? layer.channels : TABLE_CHANNELS)
        .map((channel) => {
          const [share, activation] = [meanOfChannel(shares, channel), meanOfChannel(activations, channel)];
          const ends = ({ mean, low, high }: typeof share) => [mean, low ?? '', high ?? ''];
          return csvLine([layer.name, label, channel, share.n, ...ends(share), ...ends(activation)]);
        }),
    ),
  );
  const head = ['layer', 'class', 'channel', 'photos', 'share', 'share_low', 'share_high'];
  return [csvLine([...head, 'activation', 'activation_low', 'activation_high']), ...lines].join('');
}
