"""The networks of `npm run zoo`: classification families in small configurations, with ten classes.

Each entry is (family, name, the input's side, a function that builds it). Weights are seeded by `export.py`.
"""

CLASSES = 10


def torchvision_networks():
    from torch import nn
    from torchvision import models as tv
    from torchvision.models import convnext, densenet, efficientnet, mobilenetv3, regnet, resnet, shufflenetv2
    from torchvision.models import swin_transformer, vgg
    from torchvision.ops import Conv2dNormActivation  # noqa: F401 (fails early where torchvision is too old)

    def small_head(model, inputs):
        """4096 units twice are nine tenths of these networks, and say nothing new."""
        model.classifier = nn.Sequential(
            nn.Linear(inputs, 32), nn.ReLU(True), nn.Dropout(), nn.Linear(32, 32), nn.ReLU(True), nn.Linear(32, CLASSES)
        )
        return model

    def efficient(name, **sizes):
        settings, last = efficientnet._efficientnet_conf(name, **sizes)
        return efficientnet.EfficientNet(settings, dropout=0.2, last_channel=last and 64, num_classes=CLASSES)

    def efficient_v2():
        fused, mb = efficientnet.FusedMBConvConfig, efficientnet.MBConvConfig
        settings = [fused(1, 3, 1, 16, 16, 1), fused(4, 3, 2, 16, 24, 2), mb(4, 3, 2, 24, 32, 2), mb(6, 3, 2, 32, 48, 2)]
        return efficientnet.EfficientNet(settings, dropout=0.2, last_channel=64, num_classes=CLASSES)

    def mobile_v3(name):
        settings, last = mobilenetv3._mobilenet_v3_conf(name, width_mult=0.35)
        return mobilenetv3.MobileNetV3(settings, last, num_classes=CLASSES)

    def regnet_of(se):
        sizes = regnet.BlockParams.from_init_params(depth=6, w_0=16, w_a=12, w_m=2.0, group_width=8, se_ratio=se)
        return regnet.RegNet(sizes, num_classes=CLASSES)

    def swin(block, merging):
        return swin_transformer.SwinTransformer(
            [4, 4], 24, [2, 2], [2, 4], [4, 4], stochastic_depth_prob=0.0, num_classes=CLASSES, block=block,
            downsample_layer=merging,
        )

    def convnext_small():
        sizes = [convnext.CNBlockConfig(a, b, 1) for a, b in ((16, 32), (32, 48), (48, 64), (64, None))]
        return convnext.ConvNeXt(sizes, num_classes=CLASSES)

    def residual(block, **more):
        return resnet.ResNet(block, [1, 1, 1, 1], num_classes=CLASSES, **more)

    def maxvit():
        return tv.MaxVit((64, 64), 16, 4, [16, 32], [1, 1], 8, 0.0, num_classes=CLASSES)

    def vit():
        return tv.VisionTransformer(32, 8, 3, 4, 32, 64, num_classes=CLASSES)

    swin1 = (swin_transformer.SwinTransformerBlock, swin_transformer.PatchMerging)
    swin2 = (swin_transformer.SwinTransformerBlockV2, swin_transformer.PatchMergingV2)
    vgg_layers = [8, "M", 16, "M", 16, 16, "M", 32, "M", 32, "M"]
    return [
        ("AlexNet", "tv_alexnet", 224, lambda: small_head(tv.alexnet(num_classes=CLASSES), 256 * 36)),
        ("ConvNeXt", "tv_convnext", 64, convnext_small),
        ("DenseNet", "tv_densenet", 64, lambda: densenet.DenseNet(8, (2, 2, 2, 2), 16, num_classes=CLASSES)),
        ("EfficientNet", "tv_efficientnet", 64, lambda: efficient("efficientnet_b0", width_mult=0.35, depth_mult=0.5)),
        ("EfficientNetV2", "tv_efficientnet_v2", 64, efficient_v2),
        ("GoogLeNet", "tv_googlenet", 64, lambda: tv.GoogLeNet(CLASSES, False, True, init_weights=False)),
        ("Inception v3", "tv_inception_v3", 96, lambda: tv.Inception3(CLASSES, False, True, init_weights=False)),
        ("MaxViT", "tv_maxvit", 64, maxvit),
        ("MNASNet", "tv_mnasnet", 64, lambda: tv.MNASNet(0.35, CLASSES)),
        ("MobileNetV2", "tv_mobilenet_v2", 64, lambda: tv.MobileNetV2(CLASSES, 0.35)),
        ("MobileNetV3", "tv_mobilenet_v3_small", 64, lambda: mobile_v3("mobilenet_v3_small")),
        ("MobileNetV3", "tv_mobilenet_v3_large", 64, lambda: mobile_v3("mobilenet_v3_large")),
        ("RegNet X", "tv_regnet_x", 64, lambda: regnet_of(None)),
        ("RegNet Y", "tv_regnet_y", 64, lambda: regnet_of(0.25)),
        ("ResNet", "tv_resnet_basic", 64, lambda: residual(resnet.BasicBlock)),
        ("ResNet", "tv_resnet_bottleneck", 64, lambda: residual(resnet.Bottleneck)),
        ("ResNeXt", "tv_resnext", 64, lambda: residual(resnet.Bottleneck, groups=8, width_per_group=4)),
        ("Wide ResNet", "tv_wide_resnet", 64, lambda: residual(resnet.Bottleneck, width_per_group=96)),
        ("ShuffleNetV2", "tv_shufflenet_v2", 64,
         lambda: shufflenetv2.ShuffleNetV2([1, 2, 1], [24, 48, 96, 192, 256], CLASSES)),
        ("SqueezeNet", "tv_squeezenet", 64, lambda: tv.SqueezeNet("1_1", CLASSES)),
        ("Swin", "tv_swin", 32, lambda: swin(*swin1)),
        ("Swin v2", "tv_swin_v2", 32, lambda: swin(*swin2)),
        ("VGG", "tv_vgg", 224, lambda: small_head(vgg.VGG(vgg.make_layers(vgg_layers)), 32 * 49)),
        ("VGG", "tv_vgg_bn", 224, lambda: small_head(vgg.VGG(vgg.make_layers(vgg_layers, True)), 32 * 49)),
        ("ViT", "tv_vit", 32, vit),
    ]


def mvitv2():
    from timm.models.mvitv2 import MultiScaleVit, MultiScaleVitCfg

    return MultiScaleVit(MultiScaleVitCfg(depths=(1, 1, 1, 1), embed_dim=24), num_classes=CLASSES)


def nest():
    from timm.models.nest import Nest

    return Nest(embed_dims=(24, 48, 96), num_heads=(1, 2, 4), depths=(1, 1, 1), pad_type="same", num_classes=CLASSES)


def metaformer(*mixers):
    """MetaFormers differ by what mixes their tokens; timm's own functions fix their sizes."""

    def build():
        from timm.models import metaformer as parts

        # Attention reads tokens in a row, everything else pictures.
        norms = [parts.LayerNormNoBias if mixer == "Attention" else parts.LayerNorm2dNoBias for mixer in mixers]
        return parts.MetaFormer(depths=(1, 1, 1, 1), dims=(16, 24, 32, 64), norm_layers=norms, num_classes=CLASSES,
                                token_mixers=[getattr(parts, mixer) for mixer in mixers])

    return build


def resnetv2_bit():
    from functools import partial

    from timm.layers import StdConv2d
    from timm.models.resnetv2 import ResNetV2

    return ResNetV2([1, 1, 1, 1], stem_type="fixed", conv_layer=partial(StdConv2d, eps=1e-8), num_classes=CLASSES)


# timm's large families by their smallest member, with the arguments that make it smaller still, or a function that
# builds it where timm's own takes none.
TIMM = [
    ("BEiT", "beit_base_patch16_224", 64, dict(embed_dim=32, depth=2, num_heads=2, img_size=64)),
    ("BEiT v2", "beitv2_base_patch16_224", 64, dict(embed_dim=32, depth=2, num_heads=2, img_size=64)),
    ("CaiT", "cait_xxs24_224", 64, dict(embed_dim=32, depth=2, num_heads=2, img_size=64)),
    ("CoaT", "coat_lite_tiny", 64, dict(img_size=64)),
    ("CoAtNet", "coatnet_nano_rw_224", 64, dict(img_size=64)),
    ("ConvMixer", "convmixer_768_32", 64, {}),
    ("ConvNeXt", "convnext_atto", 64, dict(depths=(1, 1, 1, 1), dims=(16, 24, 32, 48))),
    ("ConvNeXt V2", "convnextv2_atto", 64, dict(depths=(1, 1, 1, 1), dims=(16, 24, 32, 48))),
    ("CrossViT", "crossvit_tiny_240", 240, {}),
    ("CSPNet", "cspresnet50", 64, {}),
    ("CSPDarkNet", "cspdarknet53", 64, {}),
    ("DaViT", "davit_tiny", 64, dict(depths=(1, 1, 1, 1), embed_dims=(16, 24, 32, 48), num_heads=(1, 2, 2, 3))),
    ("DeiT", "deit_tiny_patch16_224", 64, dict(embed_dim=32, depth=2, num_heads=2, img_size=64)),
    ("DeiT distilled", "deit_tiny_distilled_patch16_224", 64, dict(embed_dim=32, depth=2, num_heads=2, img_size=64)),
    ("DLA", "dla46_c", 64, {}),
    ("DPN", "dpn48b", 64, {}),
    ("EdgeNeXt", "edgenext_xx_small", 64, {}),
    ("EfficientFormer", "efficientformer_l1", 224, {}),
    ("EfficientFormerV2", "efficientformerv2_s0", 224, {}),
    ("EfficientNet Lite", "efficientnet_lite0", 64, {}),
    ("EfficientViT (MIT)", "efficientvit_b0", 64, {}),
    ("EfficientViT (MSRA)", "efficientvit_m0", 224, {}),
    ("EVA-02", "eva02_tiny_patch14_224", 56, dict(embed_dim=32, depth=2, num_heads=2, img_size=56)),
    ("FastViT", "fastvit_t8", 64, {}),
    ("FocalNet", "focalnet_tiny_srf", 64, {}),
    ("GC ViT", "gcvit_xxtiny", 224, {}),
    ("GhostNet", "ghostnet_050", 64, {}),
    ("GhostNetV2", "ghostnetv2_100", 64, {}),
    ("HGNetV2", "hgnetv2_b0", 64, {}),
    ("Hiera", "hiera_tiny_224", 224, dict(embed_dim=24, stages=(1, 1, 2, 1))),
    ("HRNet", "hrnet_w18_small", 64, {}),
    ("InceptionNeXt", "inception_next_atto", 64, {}),
    ("Inception-ResNet v2", "inception_resnet_v2", 96, {}),
    ("Inception v4", "inception_v4", 96, {}),
    ("LCNet", "lcnet_035", 64, {}),
    ("LeViT", "levit_128s", 224, {}),
    ("MambaOut", "mambaout_femto", 64, {}),
    ("MaxViT", "maxvit_rmlp_pico_rw_256", 64, dict(img_size=64)),
    ("Mixer", "mixer_s32_224", 224, {}),
    ("gMLP", "gmlp_ti16_224", 224, {}),
    ("ResMLP", "resmlp_12_224", 224, {}),
    ("MobileNetV1", "mobilenetv1_100", 64, {}),
    ("MobileNetV4", "mobilenetv4_conv_small_035", 64, {}),
    ("MobileNetV4 hybrid", "mobilenetv4_hybrid_medium", 64, {}),
    ("MobileOne", "mobileone_s0", 64, {}),
    ("MobileViT", "mobilevit_xxs", 64, {}),
    ("MobileViT v2", "mobilevitv2_050", 64, {}),
    ("MViTv2", "mvitv2_tiny", 224, mvitv2),
    ("NASNet", "nasnetalarge", 96, dict(stem_size=24, num_features=96, channel_multiplier=2)),
    ("NesT", "nest_tiny_jx", 224, nest),
    ("NextViT", "nextvit_small", 64, {}),
    ("NFNet", "dm_nfnet_f0", 64, {}),
    ("NF-ResNet", "nf_resnet26", 64, {}),
    ("PiT", "pit_ti_224", 224, {}),
    ("PNASNet", "pnasnet5large", 96, {}),
    ("PoolFormer", "poolformer_s12", 64, {}),
    ("PVT v2", "pvt_v2_b0", 64, {}),
    ("RDNet", "rdnet_tiny", 64, {}),
    ("RepGhost", "repghostnet_050", 64, {}),
    ("RepVGG", "repvgg_a0", 64, {}),
    ("RepViT", "repvit_m0_9", 64, {}),
    ("ResNeSt", "resnest14d", 64, {}),
    ("ResNet v2 (BiT)", "resnetv2_50x1_bit", 64, resnetv2_bit),
    ("ResNet-D", "resnet26d", 64, {}),
    ("ECA-ResNet", "ecaresnet26t", 64, {}),
    ("Res2Net", "res2net50_14w_8s", 64, {}),
    ("ReXNet", "rexnet_100", 64, {}),
    ("SelecSLS", "selecsls42", 64, {}),
    ("SENet", "legacy_seresnet18", 64, {}),
    ("Sequencer", "sequencer2d_s", 64, dict(img_size=64, layers=(1, 1, 1, 1))),
    ("SHViT", "shvit_s1", 64, {}),
    ("SKNet", "skresnet18", 64, dict(layers=(1, 1, 1, 1))),
    ("StarNet", "starnet_s050", 64, {}),
    ("SwiftFormer", "swiftformer_xs", 64, {}),
    ("Swin", "swin_tiny_patch4_window7_224", 56,
     dict(img_size=56, window_size=7, embed_dim=24, depths=(2, 2), num_heads=(2, 4))),
    ("Swin v2", "swinv2_tiny_window8_256", 64,
     dict(img_size=64, window_size=8, embed_dim=24, depths=(2, 2), num_heads=(2, 4))),
    ("TinyViT", "tiny_vit_5m_224", 224, dict(depths=(1, 1, 1, 1))),
    ("TNT", "tnt_s_legacy_patch16_224", 64, dict(img_size=64, depth=2)),
    ("TResNet", "tresnet_m", 64, dict(layers=(1, 1, 1, 1))),
    ("Twins", "twins_pcpvt_small", 224, dict(depths=(1, 1, 1, 1))),
    ("Visformer", "visformer_tiny", 64, dict(img_size=64, depth=(1, 1, 1))),
    ("ViT", "vit_tiny_patch16_224", 64, dict(embed_dim=32, depth=2, num_heads=2, img_size=64)),
    ("ViT with registers", "vit_small_patch14_reg4_dinov2", 56, dict(embed_dim=32, depth=2, num_heads=2, img_size=56)),
    ("ViT of SigLIP", "vit_base_patch16_siglip_224", 64, dict(embed_dim=32, depth=2, num_heads=2, img_size=64)),
    ("ViTamin", "vitamin_small_224", 64, dict(img_size=64, depth=2)),
    ("VOLO", "volo_d1_224", 64, dict(img_size=64)),
    ("VoVNet", "ese_vovnet19b_slim", 64, {}),
    ("Xception", "xception41", 96, {}),
    ("XCiT", "xcit_nano_12_p16_224", 64, dict(img_size=64, depth=2)),
    # Exporters and operator sets go round by a network's place: what is new comes last.
    ("BoTNet", "botnet26t_256", 64, dict(img_size=64)),
    ("CaFormer", "caformer_s18", 64, metaformer("SepConv", "SepConv", "Attention", "Attention")),
    ("ConvFormer", "convformer_s18", 64, metaformer("SepConv", "SepConv", "SepConv", "SepConv")),
    ("ConViT", "convit_tiny", 64, dict(img_size=64, embed_dim=32, depth=3, local_up_to_layer=2, num_heads=4)),
    ("CPUBone", "cpubone_nano", 64, {}),
    ("CSATv2", "csatv2", 64, dict(img_size=64)),
    ("CSPDarkNet, cross-stage", "cs3darknet_s", 64, {}),
    ("DenseNet, blurred", "densenetblur121d", 64, dict(growth_rate=8, block_config=(2, 2, 2, 2))),
    ("DINOv3", "vit_small_patch16_dinov3", 64, dict(embed_dim=32, depth=2, num_heads=2, img_size=64)),
    ("EfficientNet, CondConv", "efficientnet_cc_b0_4e", 64, {}),
    ("EfficientNet, EdgeTPU", "efficientnet_es", 64, {}),
    ("EfficientNet, TensorFlow's padding", "tf_efficientnet_b0", 64, {}),
    ("FasterNet", "fasternet_t0", 64, {}),
    ("FBNetV3", "fbnetv3_b", 64, {}),
    ("GCNet", "gcresnext26ts", 64, {}),
    ("Gemma 4's ViT", "gemma4_vit_167m", 64, dict(img_size=64, embed_dim=32, depth=2, num_heads=2)),
    ("GENet", "gernet_s", 64, {}),
    ("gMixer", "gmixer_12_224", 64, dict(img_size=64)),
    ("HaloNet", "halonet26t", 256, {}),
    ("HardCoRe-NAS", "hardcorenas_a", 64, {}),
    ("HGNet", "hgnet_tiny", 64, {}),
    ("Hiera of SAM 2", "sam2_hiera_tiny", 64, dict(embed_dim=24, stages=(1, 1, 2, 1))),
    ("LambdaResNet", "lambda_resnet26t", 64, dict(img_size=64)),
    ("LCNetV2", "lcnetv2_small", 64, {}),
    ("LowFormer", "lowformer_b0", 64, {}),
    ("MixNet", "mixnet_s", 64, {}),
    ("MobileNetV5", "mobilenetv5_base", 64, dict(channel_multiplier=0.25)),
    ("NaFlexViT", "naflexvit_base_patch16_gap", 64, dict(embed_dim=32, depth=2, num_heads=2)),
    ("NF-RegNet", "nf_regnet_b0", 64, {}),
    ("RegNet V", "regnetv_040", 64, {}),
    ("RegNet Z", "regnetz_005", 64, {}),
    ("ResNet, blurred", "resnetblur50", 64, dict(layers=(1, 1, 1, 1))),
    ("ResNet-RS", "resnetrs50", 64, dict(layers=(1, 1, 1, 1))),
    ("SE-ResNeXt", "seresnext26t_32x4d", 64, dict(layers=(1, 1, 1, 1))),
    ("Swin v2, cosine", "swinv2_cr_tiny_224", 64,
     dict(img_size=64, window_size=4, embed_dim=24, depths=(2, 2), num_heads=(2, 4))),
    ("TinyNet", "tinynet_e", 64, {}),
    ("Twins SVT", "twins_svt_small", 224, dict(depths=(1, 1, 1, 2), embed_dims=(16, 32, 48, 64))),
    ("ViT, hybrid", "vit_small_r26_s32_224", 64, dict(img_size=64, embed_dim=32, depth=2, num_heads=2)),
    ("ViT, relative positions", "vit_relpos_small_patch16_224", 64,
     dict(img_size=64, embed_dim=32, depth=2, num_heads=2)),
    ("ViT, shared relative positions", "vit_srelpos_small_patch16_224", 64,
     dict(img_size=64, embed_dim=32, depth=2, num_heads=2)),
    ("ViT of SAM", "samvit_base_patch16_224", 64,
     dict(img_size=64, embed_dim=32, depth=2, num_heads=2, neck_chans=32)),
    ("Xception, legacy", "legacy_xception", 96, {}),
]


def timm_networks():
    import timm

    def built(name, sizes):
        return sizes if callable(sizes) else lambda: timm.create_model(name, num_classes=CLASSES, **sizes)

    tests = [(f"timm's {name}", f"timm_{name}", timm.get_pretrained_cfg(name).input_size[-1], built(name, {}))
             for name in timm.list_models("test_*")]
    known = set(timm.list_models())
    return [(family, f"timm_{name}", side, built(name, sizes))
            for family, name, side, sizes in TIMM if name in known] + tests


def transformers_networks():
    import transformers as hf
    from torch import nn

    class Logits(nn.Module):
        """The network without the container around its scores."""

        def __init__(self, model):
            super().__init__()
            self.model = model

        def forward(self, pixel_values):
            return self.model(pixel_values=pixel_values).logits

    attention = dict(hidden_size=32, num_hidden_layers=3, num_attention_heads=4, intermediate_size=64, image_size=32,
                     patch_size=8, num_labels=CLASSES, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)

    def built(model, config, sizes, implementation):
        def build():
            settings = getattr(hf, config)(**sizes)
            settings._attn_implementation = implementation
            return Logits(getattr(hf, model)(settings))

        return build

    windows = dict(image_size=32, patch_size=2, embed_dim=16, depths=[2, 2], num_heads=[2, 4], window_size=4,
                   drop_path_rate=0.0, num_labels=CLASSES)
    stages = dict(hidden_sizes=[16, 24, 32, 48], depths=[1, 1, 1, 1], num_labels=CLASSES)
    entries = [
        ("ViT", "hf_vit", 32, "ViTForImageClassification", "ViTConfig", attention, "eager"),
        ("ViT", "hf_vit_sdpa", 32, "ViTForImageClassification", "ViTConfig", attention, "sdpa"),
        ("DeiT", "hf_deit", 32, "DeiTForImageClassification", "DeiTConfig", attention, "sdpa"),
        ("BEiT", "hf_beit", 32, "BeitForImageClassification", "BeitConfig",
         {**attention, "use_relative_position_bias": True, "use_mean_pooling": True, "drop_path_rate": 0.0}, "eager"),
        ("DINOv2", "hf_dinov2", 32, "Dinov2ForImageClassification", "Dinov2Config",
         dict(hidden_size=32, num_hidden_layers=2, num_attention_heads=4, mlp_ratio=2, image_size=32, patch_size=8,
              num_labels=CLASSES), "sdpa"),
        ("Swin", "hf_swin", 32, "SwinForImageClassification", "SwinConfig", windows, "eager"),
        ("Swin v2", "hf_swinv2", 32, "Swinv2ForImageClassification", "Swinv2Config", windows, "eager"),
        ("ConvNeXt", "hf_convnext", 64, "ConvNextForImageClassification", "ConvNextConfig", stages, "eager"),
        ("ConvNeXt V2", "hf_convnextv2", 64, "ConvNextV2ForImageClassification", "ConvNextV2Config", stages, "eager"),
        ("MobileViT", "hf_mobilevit", 64, "MobileViTForImageClassification", "MobileViTConfig",
         dict(hidden_sizes=[24, 32, 40], neck_hidden_sizes=[8, 16, 24, 32, 40, 48, 64], image_size=64, initializer_range=0.3,
              num_labels=CLASSES), "eager"),
        ("MobileNetV2", "hf_mobilenet_v2", 64, "MobileNetV2ForImageClassification", "MobileNetV2Config",
         dict(depth_multiplier=0.35, num_labels=CLASSES, image_size=64), "eager"),
        ("ResNet", "hf_resnet", 64, "ResNetForImageClassification", "ResNetConfig",
         dict(embedding_size=16, hidden_sizes=[16, 32, 48, 64], depths=[1, 1, 1, 1], num_labels=CLASSES), "eager"),
        ("RegNet", "hf_regnet", 64, "RegNetForImageClassification", "RegNetConfig",
         dict(embedding_size=16, hidden_sizes=[16, 32, 48, 64], depths=[1, 1, 1, 1], groups_width=8,
              num_labels=CLASSES), "eager"),
        ("PVT v2", "hf_pvt_v2", 64, "PvtV2ForImageClassification", "PvtV2Config",
         dict(image_size=64, hidden_sizes=[16, 24, 32, 48], depths=[1, 1, 1, 1], num_attention_heads=[1, 2, 2, 4],
              num_labels=CLASSES), "eager"),
    ]
    return [(family, name, side, built(model, config, sizes, implementation))
            for family, name, side, model, config, sizes, implementation in entries]


def networks():
    return torchvision_networks() + transformers_networks() + timm_networks()
