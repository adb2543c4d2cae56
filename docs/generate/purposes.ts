/** What each sub-path of the package is for. */
export const purposes: Readonly<Record<string, string>> = {
  limn: 'What most programs need, whatever the host.',
  'limn/attribution': 'Explanations: every method behind one interface, targets in words.',
  'limn/faces': 'Faces in photos: found, with 68 landmarks, cut out in place.',
  'limn/caffe': 'Caffe’s files: definitions, weights, means, solvers; networks from them and back.',
  'limn/classifier':
    'A model ready to be asked: head, classes, link, preparation, batches of any size, ranking.',
  'limn/clusters':
    'What heatmaps have in common: neighbours, spectral embedding, clusters, what is peculiar to each.',
  'limn/concepts':
    'What the channels of a network stand for: conditional relevance, reference photos, receptive fields.',
  'limn/data': 'Labelled photos: Adience’s folds and lists, squares, LMDB databases, mean images.',
  'limn/faithfulness':
    'Whether explanations are true: perturbation curves, random subsets, randomisation, and what follows.',
  'limn/evaluation':
    'Predictions of labelled photos, measures, comparisons with intervals and tests, result folders.',
  'limn/gradient': 'Reverse mode over a graph.',
  'limn/graph': 'Graphs, tensors, models and what is known about them.',
  'limn/image': 'Photos to tensors, relevance to pictures; `.npy` and `_rawhm.txt`. Colours, figures.',
  'limn/models': 'Networks whose weights come from other npm packages.',
  'limn/node':
    'What limn needs of Node: a host for verbs, verbs in one call, sessions, worker threads, files.',
  'limn/onnx': '`.onnx` files.',
  'limn/operators':
    'What limn knows of each operator: shapes, vector–Jacobian product, role in relevance propagation.',
  'limn/plan':
    'Plans of units: specifications, plans, what a unit is asked, and the interface of what does them.',
  'limn/relevance': 'LRP: rules, composites, formula codes, relevance graphs, conservation.',
  'limn/report': 'Comparisons in words, tables, charts and pages.',
  'limn/runtime': 'Sessions on ONNX Runtime: the interface of both hosts.',
  'limn/training':
    'Caffe’s solver: settings, learning rates, update rules, fillers, and training steps as graphs.',
  'limn/verbs': 'What limn can do, as functions from a request to events and a result, on any host.',
  'limn/web':
    'What limn needs of the browser: a host for verbs, verbs in one call, sessions, photos in and out.',
};
