import { failRequest } from '../common/error.ts';
import { nearest } from '../common/nearest.ts';
import { field, words } from '../common/words.ts';
import type { PreprocessingFields } from '../graph/index.ts';
import { normalisationFields } from './described.ts';

/**
 * How torchvision 0.28 prepares photos for each of its weights for classification: the shorter side, the crop, the filter,
 * and of which weights (`ResNet50 V2` for `ResNet50_Weights.IMAGENET1K_V2`).
 */
const table = `
  256 224 bilinear: AlexNet V1, DenseNet121 V1, DenseNet161 V1, DenseNet169 V1, DenseNet201 V1, GoogLeNet V1,
    MNASNet0_5 V1, MNASNet1_0 V1, MobileNet_V2 V1, MobileNet_V3_Large V1, MobileNet_V3_Small V1, RegNet_X_16GF V1,
    RegNet_X_1_6GF V1, RegNet_X_32GF V1, RegNet_X_3_2GF V1, RegNet_X_400MF V1, RegNet_X_800MF V1, RegNet_X_8GF V1,
    RegNet_Y_16GF V1, RegNet_Y_1_6GF V1, RegNet_Y_32GF V1, RegNet_Y_3_2GF V1, RegNet_Y_400MF V1, RegNet_Y_800MF V1,
    RegNet_Y_8GF V1, ResNeXt101_32X8D V1, ResNeXt50_32X4D V1, ResNet101 V1, ResNet152 V1, ResNet18 V1, ResNet34 V1,
    ResNet50 V1, ShuffleNet_V2_X0_5 V1, ShuffleNet_V2_X1_0 V1, SqueezeNet1_0 V1, SqueezeNet1_1 V1, VGG11_BN V1,
    VGG11 V1, VGG13_BN V1, VGG13 V1, VGG16_BN V1, VGG16 V1, VGG19_BN V1, VGG19 V1, ViT_B_16 V1, ViT_B_32 V1,
    ViT_L_32 V1, Wide_ResNet101_2 V1, Wide_ResNet50_2 V1
  232 224 bilinear: ConvNeXt_Base V1, ConvNeXt_Large V1, MNASNet0_75 V1, MNASNet1_3 V1, MobileNet_V2 V2,
    MobileNet_V3_Large V2, RegNet_X_16GF V2, RegNet_X_1_6GF V2, RegNet_X_32GF V2, RegNet_X_3_2GF V2,
    RegNet_X_400MF V2, RegNet_X_800MF V2, RegNet_X_8GF V2, RegNet_Y_16GF V2, RegNet_Y_1_6GF V2, RegNet_Y_32GF V2,
    RegNet_Y_3_2GF V2, RegNet_Y_400MF V2, RegNet_Y_800MF V2, RegNet_Y_8GF V2, ResNeXt101_32X8D V2,
    ResNeXt101_64X4D V1, ResNeXt50_32X4D V2, ResNet101 V2, ResNet152 V2, ResNet50 V2, ShuffleNet_V2_X1_5 V1,
    ShuffleNet_V2_X2_0 V1, Wide_ResNet101_2 V2, Wide_ResNet50_2 V2
  230 224 bilinear: ConvNeXt_Small V1
  236 224 bilinear: ConvNeXt_Tiny V1
  256 224 bicubic: EfficientNet_B0 V1
  256 240 bicubic: EfficientNet_B1 V1
  255 240 bilinear: EfficientNet_B1 V2
  288 288 bicubic: EfficientNet_B2 V1
  320 300 bicubic: EfficientNet_B3 V1
  384 380 bicubic: EfficientNet_B4 V1
  456 456 bicubic: EfficientNet_B5 V1
  528 528 bicubic: EfficientNet_B6 V1
  600 600 bicubic: EfficientNet_B7 V1
  480 480 bicubic: EfficientNet_V2_L V1
  480 480 bilinear: EfficientNet_V2_M V1
  384 384 bilinear: EfficientNet_V2_S V1
  342 299 bilinear: Inception_V3 V1
  224 224 bicubic: MaxVit_T V1, RegNet_Y_128GF SWAG_LINEAR_V1, RegNet_Y_16GF SWAG_LINEAR_V1,
    RegNet_Y_32GF SWAG_LINEAR_V1, ViT_B_16 SWAG_LINEAR_V1, ViT_H_14 SWAG_LINEAR_V1, ViT_L_16 SWAG_LINEAR_V1
  384 384 bicubic: RegNet_Y_128GF SWAG_E2E_V1, RegNet_Y_16GF SWAG_E2E_V1, RegNet_Y_32GF SWAG_E2E_V1,
    ViT_B_16 SWAG_E2E_V1
  238 224 bicubic: Swin_B V1
  246 224 bicubic: Swin_S V1
  232 224 bicubic: Swin_T V1
  272 256 bicubic: Swin_V2_B V1
  260 256 bicubic: Swin_V2_S V1, Swin_V2_T V1
  518 518 bicubic: ViT_H_14 SWAG_E2E_V1
  242 224 bilinear: ViT_L_16 V1
  512 512 bicubic: ViT_L_16 SWAG_E2E_V1
`;

const statistics = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };
const halves = { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] };

interface Preset {
  readonly resize: number;
  readonly crop: number;
  readonly filter: 'bilinear' | 'bicubic';
}

/** What most of torchvision's networks take, by the name of none of them. */
const common = 'torchvision';

const known: ReadonlyMap<string, Preset> = new Map(
  table
    .trim()
    .split(/\n(?= {2}\d)/)
    .flatMap((line) => {
      const [sizes = '', names = ''] = line.trim().split(': ');
      const [resize, crop, filter] = sizes.split(' ');
      const preset = { resize: Number(resize), crop: Number(crop), filter: filter as Preset['filter'] };
      return names
        .split(',')
        .map((name) => [name.trim().replace(' ', '_Weights.IMAGENET1K_'), preset] as const);
    }),
);

/** The names that {@link torchvisionPreset} knows. */
export const torchvisionPresets: readonly string[] = [common, ...known.keys()];

/**
 * How torchvision prepares photos for its weights of this name (`ResNet50_Weights.IMAGENET1K_V2`), or for most of them
 * (`torchvision`: 256, 224, bilinear). Errors, of kind `request`: an unknown name.
 *
 * @example
 * ```ts
 * import { torchvisionPreset } from 'limn/models';
 *
 * console.log(torchvisionPreset('ResNet50_Weights.IMAGENET1K_V2'));
 * ```
 */
export function torchvisionPreset(name: string): PreprocessingFields {
  const found = name === common ? { resize: 256, crop: 224, filter: 'bilinear' as const } : known.get(name);
  if (!found) {
    const close = nearest(name, torchvisionPresets);
    return failRequest(
      words`${field('preset', name)}`,
      'torchvision has no such weights for classification',
      close ? `did you mean ${close}?` : `${common}, or a name such as ResNet50_Weights.IMAGENET1K_V2`,
    );
  }
  return {
    channels: 'rgb',
    resize: found.resize,
    resizeMode: 'shorter-side',
    resizeFilter: found.filter,
    crop: found.crop,
    cropRounding: 'even',
    ...normalisationFields(name.startsWith('EfficientNet_V2_L') ? halves : statistics),
  };
}
