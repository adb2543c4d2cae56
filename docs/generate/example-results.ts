import { randomWords } from '../../src/common/random.ts';
import { type Answer, compareResults, measure, type Result } from '../../src/evaluation/index.ts';
import { foldCharts, type NamedChart, placedPoint, targetCharts } from '../../src/report/index.ts';

/** Adience's classes of age, as far as the example goes. */
const labels = ['0-2', '4-6', '8-13', '15-20', '25-32', '38-43'];
const photos = 400;

/** The answers of a model that nobody trained: right as often as `skill` says, less often for one of two groups. */
function madeUp(name: string, skill: number, place: Readonly<Record<string, string>> = {}): Result {
  const draw = randomWords(20170917, name);
  const uniform = () => draw() / 2 ** 32;
  const answers = Array.from({ length: photos }, (_, i): Answer => {
    const truth = i % labels.length;
    const group = i % 3 === 0 ? 'outdoors' : 'indoors';
    const isRight = uniform() < skill - (group === 'outdoors' ? 0.15 : 0);
    const beside = truth === 0 ? 1 : truth === labels.length - 1 || uniform() < 0.5 ? truth - 1 : truth + 1;
    const said = isRight ? truth : beside;
    const sure = (isRight ? 0.5 : 0.35) + 0.45 * uniform();
    const scores = labels.map((_, c) => (c === said ? sure : (1 - sure) / (labels.length - 1)));
    return { image: `${place.fold ?? ''}/${i}.jpg`, truth, scores, groups: { light: group } };
  });
  return {
    info: {
      name,
      model: {
        ...{ network: name, file: `${name}.onnx`, sha256: '0'.repeat(64) },
        head: { name: 'age', output: 'prob', kind: 'classes', labels },
      },
      data: { source: 'photos.csv', sha256: '1'.repeat(64), images: photos },
      ...{ settings: {}, ordered: true, place, versions: {} },
    },
    answers,
  };
}

/** The charts of a comparison of two models, of which all numbers are made up; one of each kind. */
export function exampleCharts(): readonly NamedChart[] {
  const results = [madeUp('model A', 0.85), madeUp('model B', 0.65)];
  const sources = results.map((each) => ({ ...each, source: each.info.name }));
  const { targets } = compareResults(sources, { groupBy: [['light']], resamples: 500 });
  const [target] = targets;
  const charts = targetCharts(
    target,
    results.map((each) => measure(each)),
  );
  const kinds = [...new Set(charts.map(({ kind }) => kind))];
  return [...kinds.map((kind) => charts.find((chart) => chart.kind === kind)!), ...studyCharts()];
}

/** The charts of a study as the paper's: two architectures, from scratch and not, on three kinds of faces, in two folds. */
function studyCharts(): readonly NamedChart[] {
  const networks = ['CaffeNet', 'GoogleNet'].flatMap((architecture, a) =>
    ['', 'n'].flatMap((initialisation, n) =>
      ['i', 'r', 'm'].map((preprocessing, p) => ({
        place: { architecture, initialisation, preprocessing },
        skill: 0.58 + 0.05 * a + 0.04 * n + 0.02 * p,
      })),
    ),
  );
  const results = networks.flatMap(({ place, skill }) =>
    ['0', '1'].map((fold) =>
      madeUp(`${Object.values(place).join(' ')} fold ${fold}`, skill, { ...place, fold }),
    ),
  );
  const sources = results.map((each) => ({ ...each, source: each.info.name }));
  const [target] = compareResults(sources, { resamples: 50 }).targets;
  const paper = targetCharts(target, []).filter(({ kind }) => kind === 'paper');
  const draw = randomWords(20170917, 'progress');
  const points = networks.flatMap(({ place, skill }) =>
    ['0', '1'].flatMap((fold) =>
      Array.from({ length: 10 }, (_, i) =>
        placedPoint(
          { ...place, fold },
          {
            target: 'age',
            iteration: 5000 * (i + 1),
            accuracy: skill - 0.1 - 0.25 * Math.exp(-i / 2) + 0.02 * (draw() / 2 ** 32),
          },
        ),
      ),
    ),
  );
  return [
    ...paper,
    ...foldCharts(
      points.filter((each) => each !== undefined),
      'test',
    ),
  ];
}
