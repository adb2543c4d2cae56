/* What the many forks of Caffe added to its format, as far as files have it that limn reads, or refuses by name. */

const implementation = 'it only chooses how things are computed';
const augmentation = 'limn changes pictures by crop_size and mirror alone';
const order = 'limn reads data in its own way';
const float = 'limn computes in float32';
const network = 'limn trains on one machine';
const objects = 'it concerns finding objects';

const all = (why: string, ...names: readonly string[]) => names.map((name) => [name, why] as const);

/** Fields that change nothing that limn computes, by the message that they stand in, and why they are left out. */
const fields: Readonly<Record<string, ReadonlyMap<string, string>>> = {
  NetParameter: new Map([
    ...all(implementation, 'engine', 'compile_net_state', 'default_conv_algos_override'),
    ...all(implementation, 'default_forward_type', 'default_backward_type'),
    ...all(implementation, 'default_forward_math', 'default_backward_math', 'eltwise_mem'),
    ...all(network, 'multinode', 'reduce_buckets', 'global_grad_scale', 'global_grad_scale_adaptive'),
  ]),
  LayerParameter: new Map([
    ...all(implementation, 'engine', 'forward_type', 'backward_type', 'forward_math', 'backward_math'),
    ...all(implementation, 'cudnn_math_override', 'debug', 'reshape_every_iter'),
    ...all(float, 'quantization_param', 'quantize_param', 'sparse_mode', 'prune_param'),
    ...all(network, 'multinode', 'mn_activation_param', 'mn_grad_compress_param'),
    ...all(`lr_mult: 0 in each param keeps a layer's weights`, 'freeze'),
  ]),
  ConvolutionParameter: new Map(
    all(implementation, 'conv_algos_override', 'cudnn_convolution_algo_seeker', 'cudnn_workspace_limit'),
  ),
  DataParameter: new Map([
    ...all(order, 'shuffle', 'cache', 'threads', 'parser_threads', 'rand_permute', 'rand_permute_order'),
    ...all(order, 'disk_reader_threads', 'huge_video_dataset', 'limit_samples'),
    ...all(objects, 'side'),
  ]),
  ImageDataParameter: new Map(all(order, 'cache', 'cache_images', 'threads', 'prefetch')),
  TransformationParameter: new Map([
    ...all(augmentation, 'resize_param', 'noise_param', 'distort_param', 'expand_param'),
    ...all(augmentation, 'random_resize_param', 'random_aspect_ratio_param', 'multi_scale', 'color'),
    ...all(augmentation, 'min_scaling_factor', 'max_scaling_factor', 'max_rotation_angle', 'rotate'),
    ...all(augmentation, 'contrast_brightness_adjustment', 'smooth_filtering', 'min_contrast'),
    ...all(augmentation, 'max_contrast', 'max_brightness_shift', 'max_smooth', 'max_color_shift'),
    ...all(augmentation, 'min_side', 'min_side_min', 'min_side_max', 'apply_probability', 'color_shift'),
    ...all(augmentation, 'scale_jitter', 'aspect_ratio_jitter', 'pca_jitter', 'mirror_prob'),
    ...all(implementation, 'debug_params', 'use_gpu_transform', 'random_seed'),
    ...all(objects, 'emit_constraint'),
  ]),
  SolverParameter: new Map([
    ...all(objects, 'eval_type', 'ap_version', 'show_per_class_result'),
    ...all(network, 'global_grad_scale', 'reduce_buckets'),
    ...all(implementation, 'solver_data_type', 'store_blobs_in_old_format'),
  ]),
};

/** Why a field that limn does not have can be left out of a message; undefined where it could change what is computed. */
export const foreignField = (message: string, field: string): string | undefined =>
  fields[message]?.get(field);

/** Layer types by where they come from, and what is to be done about them. */
const families: readonly (readonly [origin: string, fix: string, types: readonly string[]])[] = [
  [
    'SSD, which finds objects',
    'cut the network where its features end',
    [
      ...['AnnotatedData', 'DetectionEvaluate', 'DetectionOutput', 'MultiBoxLoss', 'PriorBox', 'VideoData'],
      ...['SmoothL1Loss'],
    ],
  ],
  [
    'YOLO, which finds objects',
    'cut the network where its features end',
    ['RegionLoss', 'Reorg', 'Yolov3', 'Yolov3DetectionOutput', 'YoloDetectionOutput', 'EvalDetection'],
  ],
  [
    'Faster R-CNN, which finds objects',
    'cut the network where its features end',
    [
      ...['BoxAnnotatorOHEM', 'Proposal', 'PSROIAlign', 'PSROIPooling', 'ROIAlign', 'ROIPooling'],
      ...['DeformableConvolution', 'DeformablePSROIPooling'],
    ],
  ],
  [
    'networks that label pixels (SegNet, DeepLab, PSPNet)',
    'use the part that classifies',
    ['DenseImageData', 'ImageSegData', 'SegAccuracy', 'Unpooling', 'Upsample'],
  ],
  [
    "Caffe's recurrent networks",
    'limn reads networks that see one picture at a time',
    ['Embed', 'LSTM', 'LSTMUnit', 'RNN', 'Recurrent', 'Reverse', 'ContinuationIndicator'],
  ],
  [
    'networks that recognise faces or search by example',
    'leave it out with an include rule, or delete it: without it the network gives its features',
    [
      ...[
        'AdditiveMargin',
        'AngularSoftmax',
        'CenterLoss',
        'CombinedMarginInnerProduct',
        'CosinAddLossReduce',
      ],
      ...[
        'LabelSpecificAdd',
        'MarginInnerProduct',
        'TripletLoss',
        'TripletSelect',
        'NormalizedSigmoidCrossEntropyLoss',
      ],
    ],
  ],
  [
    'Caffe, for which ONNX has no operator with a gradient',
    'leave it out, or put another in its place',
    ['BatchReindex', 'Filter', 'Im2col', 'Parameter'],
  ],
];

const origins: ReadonlyMap<string, { origin: string; fix: string }> = new Map(
  families.flatMap(([origin, fix, types]) => types.map((type) => [type, { origin, fix }] as const)),
);

/** What is to be said of a layer type that limn does not read; undefined where nothing is known of it. */
export function foreignType(type: string): { what: string; fix: string } | undefined {
  const known = origins.get(type);
  return known && { what: `layers of type ${type}, of ${known.origin}, are not supported`, fix: known.fix };
}
