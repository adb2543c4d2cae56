// The rooms of src/, in the one order in which imports may go: a room imports itself and rooms before it.
const rooms = [
  'common',
  'graph',
  'operators',
  'onnx',
  'caffe',
  'models',
  'gradient',
  'relevance',
  'runtime',
  'image',
  'data',
  'classifier',
  'attribution',
  'faces',
  'training',
  'evaluation',
  'faithfulness',
  'clusters',
  'concepts',
  'report',
  'verbs',
  'plan',
  'hosts',
  'server',
  'cli',
  'studio',
];

// What the command line takes of the rooms below verbs besides types of results, each for a reason.
const ofTheCommandLine = [
  // Names that options take, for `--help`: it must not load what computes by them.
  'attribution/method.ts',
  'attribution/defaults.ts',
  'relevance/composites/composites.ts',
  'relevance/composites/toolbox.ts',
  'image/maps/colormap.ts',
  'graph/info.ts',
  'faithfulness/measures.ts',
  'faithfulness/replacement.ts',
  'clusters/options.ts',
  // That WebAssembly computes is for whoever waits.
  'runtime/binary.node.ts',
  // `--mean 104,117,123` as Caffe's users write it.
  'caffe/mean.ts',
  // Words and numbers as people read them on paper and on a screen alike: tables as text, classes, Caffe's own wording.
  'data/lists/adience.ts',
  'evaluation/index.ts',
  'faithfulness/findings.ts',
  'report/comparison.ts',
  'report/tables/index.ts',
  'training/run/wording.ts',
  // To be told, once for the process, that WebAssembly computes for want of a binary.
  'runtime/binary.node.ts',
];

// What the page takes of the rooms below verbs besides types of results, each for a reason.
const ofTheStudio = [
  // Names, sentences and costs of methods and composites, which its forms offer.
  'attribution/(method|fields|defaults|purposes)\\.ts',
  'relevance/composites/purposes\\.ts',
  // Maps as colours on a canvas, figures as files.
  'image/index\\.ts',
  'image/pixels/encode\\.web\\.ts',
  // Sessions that its worker keeps between two verbs.
  'runtime/index\\.ts',
  // How a model prepares a photo, to find pixels of the one in the other.
  'classifier/index\\.ts',
  // The description of an explanation in one line; bytes as a file that is read in parts.
  'attribution/index\\.ts',
  'data/index\\.ts',
  // Answers of an evaluation, photo by photo; the verbs give what they come to.
  'evaluation/index\\.ts',
  // Studies of heatmaps and of channels as they lie in their folders; verbs make them.
  'clusters/(record|photofile)\\.ts',
  'concepts/record\\.ts',
  // Networks whose weights are drawn anew, and how alike two maps are: for the sanity check of its tour.
  'faithfulness/index\\.ts',
  // What a file is, as the server that lists a folder tells it.
  'server/kinds\\.ts',
];

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    ...rooms.slice(0, -1).map((room, i) => ({
      name: `${room}-imports-upwards`,
      severity: 'error',
      from: { path: `^src/${room}/` },
      to: { path: `^src/(${rooms.slice(i + 1).join('|')})/` },
    })),
    {
      name: 'entries-are-last',
      comment: 'What the package exports stands beside the rooms and gathers from them: no room imports it.',
      severity: 'error',
      from: { path: '^src/[^/]+/' },
      to: { path: '^src/[^/]+$' },
    },
    {
      name: 'node-only-at-the-rim',
      comment:
        'The core runs in the browser: only files named *.node.ts, the command line and reports may import from Node.',
      severity: 'error',
      from: { path: '^src/', pathNot: ['\\.node\\.ts$', '^src/cli/'] },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'node-files-from-node-files',
      comment: 'A browser bundle must never reach a *.node.ts file.',
      severity: 'error',
      from: { path: '^src/', pathNot: ['\\.node\\.ts$', '^src/cli/'] },
      to: { path: '\\.node\\.ts$' },
    },
    {
      name: 'cli-asks-verbs',
      comment:
        'The command line makes a request of its options and prints events and result: what it does is in verbs, where a page can have it.',
      severity: 'error',
      from: { path: '^src/cli/' },
      to: {
        path: '^src/',
        pathNot: [
          '^src/(common|verbs|plan|hosts|server|cli)/',
          `^src/(${ofTheCommandLine.map((file) => file.replaceAll('.', '\\.')).join('|')})$`,
        ],
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'studio-asks-verbs',
      comment:
        'The page makes requests of its forms and draws what its worker answers; the worker calls verbs.',
      severity: 'error',
      from: { path: '^src/studio/' },
      to: {
        path: '^src/',
        pathNot: ['^src/(common|report|verbs|hosts|studio)/', `^src/(${ofTheStudio.join('|')})$`],
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'no-orphans',
      severity: 'error',
      // The browser starts the service worker by its address.
      from: { orphan: true, path: '^src/', pathNot: ['\\.d\\.ts$', '^src/studio/serviceworker\\.ts$'] },
      to: {},
    },
    {
      name: 'no-undeclared',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/studio/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'unknown'] },
    },
    {
      name: 'no-undeclared-in-the-page',
      comment: 'The page is bundled when limn is built: what only it needs is not installed with limn.',
      severity: 'error',
      from: { path: '^src/studio/' },
      to: { dependencyTypes: ['npm-no-pkg', 'unknown'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
