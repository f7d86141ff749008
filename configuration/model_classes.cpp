// Made by scripts/make_model_classes.py from transformers 5.17.0; do not edit.
// The image processor classes, each one's Pillow twin, and the model types that it serves; "" serves the others. The
// video processor classes, and the model types that each serves; the others have none.
#include "configuration/model_classes.hpp"

#include <algorithm>
#include <span>
#include <string>

namespace kir {

namespace {

struct ModelClass {
  std::string_view class_name, pillow_name, model_types;
};

// One row a class. Each model type stands between two spaces.
// clang-format off
constexpr ModelClass kClasses[] = {
    {"", "", " EvollaModel afmoe aimv2_text_model albert align_text_model align_vision_model altclip_text_model altclip_vision_model apertus arcee aria_text audio-spectrogram-transformer audioflamingo3 audioflamingo3_encoder autoformer axk1 axk2 bamba bark bart bert bert-generation big_bird bigbird_pegasus biogpt bitnet blenderbot blenderbot-small blip_2_qformer blip_2_vision_model blip_text_model blip_vision_model bloom blt blt_global_transformer blt_local_decoder blt_local_encoder blt_patcher bridgetower_text_model bridgetower_vision_model bros camembert canary canary_decoder canine chameleon_vqgan chinese_clip_text_model chinese_clip_vision_model clap clap_audio_model clap_text_model clip_text_model clip_vision_model clipseg_text_model clipseg_vision_model clvp clvp_decoder clvp_encoder codegen cohere cohere2 cohere2_moe cohere_asr cohere_compass_text cohere_compass_vision colmodernvbert convbert cosmos3_edge_text cosmos3_edge_vision cpmant csm csm_depth_decoder_model ctrl cwm d_fine dab-detr dac data2vec-audio data2vec-text dbrx deberta deberta-v2 decision_transformer deepseek_ocr2_encoder deepseek_ocr2_sam_vision_model deepseek_ocr2_text deepseek_ocr2_vision deepseek_v2 deepseek_v3 deepseek_v32 deepseek_v4 dia dia_decoder dia_encoder diffllama diffusion_gemma diffusion_gemma_text dinov2_with_registers dinov3_convnext distilbert doge dots1 dpr edgetam_video edgetam_vision_model electra emu3_text_model emu3_vqgan encodec encoder-decoder ernie ernie4_5 ernie4_5_moe ernie4_5_vl_moe_text ernie4_5_vl_moe_vision esm esmc esmfold2 eurobert evolla exaone4 exaone4_5_vision exaone_moe falcon falcon_h1 falcon_mamba fast_vlm fastspeech2_conformer fastspeech2_conformer_hifigan fastspeech2_conformer_with_hifigan flaubert flava_image_model flava_multimodal_model flava_text_model flex_olmo florence_vision fnet fsmt fun_asr_nano fun_asr_nano_encoder funnel gemma gemma2 gemma3_text gemma3n_audio gemma3n_text gemma3n_vision gemma4_assistant gemma4_audio gemma4_text gemma4_unified_assistant gemma4_unified_audio gemma4_unified_text gemma4_unified_vision gemma4_vision git_vision_model glm glm4 glm4_moe glm4_moe_lite glm4v_moe glm4v_moe_text glm4v_moe_vision glm4v_text glm4v_vision glm5_next_text glm5_next_vision glm_image_text glm_image_vision glm_image_vqmodel glm_moe_dsa glm_ocr glm_ocr_text glm_ocr_vision glmasr glmasr_encoder gpt-sw3 gpt2 gpt_bigcode gpt_neo gpt_neox gpt_neox_japanese gpt_oss gptj granite granite4_vision_text granite_speech granite_speech5_ctc granite_speech5_encoder granite_speech_encoder granite_speech_plus granite_speech_plus_encoder granite_swa granitemoe granitemoe_swa granitemoehybrid granitemoeshared groupvit_text_model groupvit_vision_model helium hgnet_v2 higgs_audio_v2 higgs_audio_v2_tokenizer hrm_text hubert hunyuan_v1_dense hunyuan_v1_moe hunyuan_vl_text hunyuan_vl_vision hy_v3 hy_v4 hyperclovax ibert idefics2_perceiver idefics2_vision idefics3_vision idefics_perciever idefics_vision informer inkling_audio inkling_text inkling_vision instructblip_qformer instructblip_vision_model instructblipvideo instructblipvideo_qformer instructblipvideo_vision_model internvl_vision jais2 jamba janus_vision_model janus_vqgan jetmoe jina_embeddings_v3 kimi_k25_vision kimi_linear kosmos_2_5_text_model kosmos_2_5_vision_model kosmos_2_text_model kosmos_2_vision_model kyutai_speech_to_text laguna lasr_ctc lasr_encoder layoutlm led lfm2 lfm2_moe lilt llama llama4_text llama4_vision_model longcat_flash longformer longt5 luke lw_detr_vit lxmert m2m_100 mamba mamba2 marian markuplm maskformer-swin mbart megatron-bert mellum metaclip_2_text_model metaclip_2_vision_model mimi mimo_v2_flash minicpm3 minicpmv4_6_vision minimax minimax_m2 minimax_m3_vl_text minimax_m3_vl_vision ministral ministral3 mistral mistral4 mixtral mllama_text_model mllama_vision_model mobilebert modernbert modernbert-decoder modernvbert moonshine moonshine_streaming moonshine_streaming_encoder moshi moshi_depth mpnet mpt mra mt5 muse_glimmer_assistant muse_glimmer_text muse_glimmer_vision musicflamingo musicgen musicgen_decoder musicgen_melody musicgen_melody_decoder mvp nanochat nemotron nemotron3_5_asr nemotron_asr_streaming nemotron_asr_streaming_encoder nemotron_h neucodec nllb-moe nomic_bert nystromformer olmo olmo2 olmo3 olmo_hybrid olmoe openai-gpt openai_privacy_filter opt owlv2_text_model owlv2_vision_model owlvit_text_model owlvit_vision_model paddleocr_vl_text paddleocr_vl_vision parakeet_ctc parakeet_encoder parakeet_rnnt parakeet_tdt patchtsmixer patchtst pe_audio pe_audio_encoder pe_audio_video pe_audio_video_encoder pe_video pe_video_encoder pegasus pegasus_x persimmon phi phi3 phi4_multimodal_audio phi4_multimodal_vision phimoe pix2struct_text_model pix2struct_vision_model plbart pop2piano pp_lcnet_v3 pp_lcnet_v4 prophetnet qianfan_ocr_vision qwen2 qwen2_5_omni_audio_encoder qwen2_5_omni_bigvgan qwen2_5_omni_dit qwen2_5_omni_talker qwen2_5_omni_text qwen2_5_omni_thinker qwen2_5_omni_token2wav qwen2_5_omni_vision_encoder qwen2_5_vl_text qwen2_5_vl_vision qwen2_audio qwen2_audio_encoder qwen2_moe qwen2_vl_text qwen2_vl_vision qwen3 qwen3_5_moe_text qwen3_5_moe_vision qwen3_5_text qwen3_5_vision qwen3_asr qwen3_asr_encoder qwen3_moe qwen3_next qwen3_omni_moe_audio_encoder qwen3_omni_moe_talker_code_predictor qwen3_omni_moe_talker_text qwen3_omni_moe_text qwen3_omni_moe_thinker qwen3_omni_moe_vision_encoder qwen3_vl_moe qwen3_vl_moe_text qwen3_vl_moe_vision qwen3_vl_text qwen3_vl_vision qwen4_exp_text qwen4_exp_vision radio rag recurrent_gemma reformer rembert rf_detr_dinov2 roberta roberta-prelayernorm roc_bert roformer rt_detr_resnet rt_detr_v2 rwkv sam2_hiera_det_model sam2_vision_model sam3_detr_decoder sam3_detr_encoder sam3_geometry_encoder sam3_lite_text_detr_decoder sam3_lite_text_detr_encoder sam3_lite_text_geometry_encoder sam3_lite_text_mask_decoder sam3_lite_text_text_model sam3_mask_decoder sam3_vision_model sam3_vit_model sam_hq_vision_model sam_vision_model sapiens2_head seamless_m4t seamless_m4t_v2 seed_oss sew sew-d siglip2_text_model siglip2_vision_model siglip_text_model siglip_vision_model smollm3 smolvlm_vision solar_open speech-encoder-decoder speech_to_text speecht5 speecht5_hifigan splinter squeezebert stablelm starcoder2 step3p5 step3p5_vision switch_transformers t5 t5_gemma_module t5gemma t5gemma2_decoder t5gemma2_text tapas time_series_transformer timesfm timesfm2_5 timm_backbone tipsv2_text_model tipsv2_vision_model umt5 unispeech unispeech-sat univnet uvdoc_backbone vaultgemma vibevoice vibevoice_acoustic_tokenizer vibevoice_acoustic_tokenizer_decoder vibevoice_acoustic_tokenizer_encoder vibevoice_asr video_llama_3_vision videomt videoprism videoprism_text_model videoprism_vision_model vision-encoder-decoder vision-text-dual-encoder visual_bert vitdet vitpose_backbone vits vjepa2 voxtral voxtral_encoder voxtral_realtime voxtral_realtime_encoder voxtral_realtime_text wav2vec2 wav2vec2-bert wav2vec2-conformer wavlm whisper xclip_text_model xclip_vision_model xcodec xcodec2 xglm xlm xlm-roberta xlm-roberta-xl xlnet xlstm xmod yoso youtu zamba zamba2 zaya "},
    {"AriaImageProcessor", "AriaImageProcessorPil", " aria "},
    {"BeitImageProcessor", "BeitImageProcessorPil", " beit data2vec-vision "},
    {"BitImageProcessor", "BitImageProcessorPil", " bit dinov2 focalnet hiera pixio "},
    {"BlipImageProcessor", "BlipImageProcessorPil", " blip blip-2 instructblip "},
    {"BridgeTowerImageProcessor", "BridgeTowerImageProcessorPil", " bridgetower "},
    {"CHMv2ImageProcessor", "", " chmv2 "},
    {"CLIPImageProcessor", "CLIPImageProcessorPil", " aimv2 aimv2_vision_model altclip clip florence2 git groupvit kosmos-2 metaclip_2 mlcd mlcd_vision_model vipllava xclip "},
    {"ChameleonImageProcessor", "ChameleonImageProcessorPil", " chameleon "},
    {"ChineseCLIPImageProcessor", "ChineseCLIPImageProcessorPil", " chinese_clip "},
    {"Cohere2VisionImageProcessor", "", " cohere2_vision "},
    {"CohereCompassImageProcessor", "CohereCompassImageProcessorPil", " cohere_compass "},
    {"ConditionalDetrImageProcessor", "ConditionalDetrImageProcessorPil", " conditional_detr "},
    {"ConvNextImageProcessor", "ConvNextImageProcessorPil", " convnext convnextv2 cvt regnet resnet "},
    {"Cosmos3EdgeImageProcessor", "Cosmos3EdgeImageProcessorPil", " cosmos3_edge "},
    {"DINOv3ViTImageProcessor", "", " dinov3_vit "},
    {"DPTImageProcessor", "DPTImageProcessorPil", " depth_anything dpt "},
    {"DeepseekOcr2ImageProcessor", "DeepseekOcr2ImageProcessorPil", " deepseek_ocr2 "},
    {"DeepseekVLHybridImageProcessor", "DeepseekVLHybridImageProcessorPil", " deepseek_vl_hybrid "},
    {"DeepseekVLImageProcessor", "DeepseekVLImageProcessorPil", " deepseek_vl "},
    {"DeformableDetrImageProcessor", "DeformableDetrImageProcessorPil", " deformable_detr lw_detr "},
    {"DeiTImageProcessor", "DeiTImageProcessorPil", " deit "},
    {"DepthProImageProcessor", "", " depth_pro "},
    {"DetrImageProcessor", "DetrImageProcessorPil", " detr omdet-turbo table-transformer "},
    {"DonutImageProcessor", "DonutImageProcessorPil", " donut-swin "},
    {"EfficientLoFTRImageProcessor", "EfficientLoFTRImageProcessorPil", " efficientloftr "},
    {"EfficientNetImageProcessor", "EfficientNetImageProcessorPil", " align efficientnet "},
    {"Emu3ImageProcessor", "", " emu3 "},
    {"EomtImageProcessor", "EomtImageProcessorPil", " eomt eomt_dinov3 "},
    {"Ernie4_5_VLMoeImageProcessor", "Ernie4_5_VLMoeImageProcessorPil", " ernie4_5_vl_moe "},
    {"FlavaImageProcessor", "FlavaImageProcessorPil", " flava "},
    {"FuyuImageProcessor", "FuyuImageProcessorPil", " fuyu "},
    {"GLPNImageProcessor", "GLPNImageProcessorPil", " glpn "},
    {"Gemma3ImageProcessor", "Gemma3ImageProcessorPil", " gemma3 shieldgemma2 t5gemma2 t5gemma2_encoder "},
    {"Gemma4ImageProcessor", "Gemma4ImageProcessorPil", " gemma4 "},
    {"Gemma4UnifiedImageProcessor", "", " gemma4_unified "},
    {"Glm46VImageProcessor", "Glm46VImageProcessorPil", " glm46v "},
    {"Glm4vImageProcessor", "Glm4vImageProcessorPil", " glm4v "},
    {"Glm5NextImageProcessor", "Glm5NextImageProcessorPil", " glm5_next "},
    {"GlmImageImageProcessor", "GlmImageImageProcessorPil", " glm_image "},
    {"GlmgaImageProcessor", "GlmgaImageProcessorPil", " glmga "},
    {"GotOcr2ImageProcessor", "GotOcr2ImageProcessorPil", " aya_vision got_ocr2 internvl qianfan_ocr "},
    {"GroundingDinoImageProcessor", "GroundingDinoImageProcessorPil", " grounding-dino mm-grounding-dino "},
    {"HunYuanVLImageProcessor", "HunYuanVLImageProcessorPil", " hunyuan_vl "},
    {"Idefics2ImageProcessor", "Idefics2ImageProcessorPil", " idefics2 "},
    {"Idefics3ImageProcessor", "Idefics3ImageProcessorPil", " idefics3 "},
    {"IdeficsImageProcessor", "IdeficsImageProcessorPil", " idefics "},
    {"ImageGPTImageProcessor", "ImageGPTImageProcessorPil", " imagegpt "},
    {"InklingImageProcessor", "", " inkling_mm_model "},
    {"JanusImageProcessor", "JanusImageProcessorPil", " janus "},
    {"Kimi_K25ImageProcessor", "", " kimi_k25 "},
    {"Kosmos2_5ImageProcessor", "Kosmos2_5ImageProcessorPil", " kosmos-2.5 "},
    {"LayoutLMv2ImageProcessor", "LayoutLMv2ImageProcessorPil", " layoutlmv2 layoutxlm "},
    {"LayoutLMv3ImageProcessor", "LayoutLMv3ImageProcessorPil", " layoutlmv3 udop "},
    {"LevitImageProcessor", "LevitImageProcessorPil", " levit "},
    {"Lfm2VlImageProcessor", "", " lfm2_vl "},
    {"LightGlueImageProcessor", "LightGlueImageProcessorPil", " lightglue "},
    {"Llama4ImageProcessor", "", " llama4 "},
    {"LlavaImageProcessor", "LlavaImageProcessorPil", " llava "},
    {"LlavaNextImageProcessor", "LlavaNextImageProcessorPil", " granite4_vision llava_next llava_next_video "},
    {"LlavaOnevisionImageProcessor", "LlavaOnevisionImageProcessorPil", " llava_onevision "},
    {"Mask2FormerImageProcessor", "Mask2FormerImageProcessorPil", " mask2former "},
    {"MaskFormerImageProcessor", "MaskFormerImageProcessorPil", " maskformer "},
    {"MiniCPMV4_6ImageProcessor", "MiniCPMV4_6ImageProcessorPil", " minicpmv4_6 "},
    {"MiniMaxM3VLImageProcessor", "", " minimax_m3_vl "},
    {"MllamaImageProcessor", "MllamaImageProcessorPil", " mllama "},
    {"MobileNetV1ImageProcessor", "MobileNetV1ImageProcessorPil", " mobilenet_v1 "},
    {"MobileNetV2ImageProcessor", "MobileNetV2ImageProcessorPil", " mobilenet_v2 "},
    {"MobileViTImageProcessor", "MobileViTImageProcessorPil", " mobilevit mobilevitv2 "},
    {"MuseGlimmerImageProcessor", "", " muse_glimmer "},
    {"NeoMMEImageProcessor", "", " neomme "},
    {"NougatImageProcessor", "NougatImageProcessorPil", " nougat "},
    {"OneFormerImageProcessor", "OneFormerImageProcessorPil", " oneformer "},
    {"Ovis2ImageProcessor", "Ovis2ImageProcessorPil", " ovis2 "},
    {"OwlViTImageProcessor", "OwlViTImageProcessorPil", " owlvit "},
    {"Owlv2ImageProcessor", "Owlv2ImageProcessorPil", " owlv2 "},
    {"PI0ImageProcessor", "", " pi0 "},
    {"PPChart2TableImageProcessor", "PPChart2TableImageProcessorPil", " pp_chart2table "},
    {"PPDocLayoutV2ImageProcessor", "", " pp_doclayout_v2 "},
    {"PPDocLayoutV3ImageProcessor", "", " pp_doclayout_v3 "},
    {"PPFormulaNetImageProcessor", "", " pp_formulanet "},
    {"PPLCNetImageProcessor", "", " pp_lcnet "},
    {"PPOCRV5ServerDetImageProcessor", "", " pp_ocrv5_mobile_det pp_ocrv5_server_det pp_ocrv6_medium_det pp_ocrv6_small_det "},
    {"PPOCRV5ServerRecImageProcessor", "", " pp_ocrv5_mobile_rec pp_ocrv5_server_rec "},
    {"PPOCRV6SmallRecImageProcessor", "", " pp_ocrv6_small_rec pp_ocrv6_tiny_rec "},
    {"PaddleOCRVLImageProcessor", "PaddleOCRVLImageProcessorPil", " paddleocr_vl "},
    {"PerceiverImageProcessor", "PerceiverImageProcessorPil", " perceiver "},
    {"PerceptionLMImageProcessor", "", " perception_lm "},
    {"Phi4MultimodalImageProcessor", "", " phi4_multimodal "},
    {"Pix2StructImageProcessor", "Pix2StructImageProcessorPil", " pix2struct "},
    {"PixtralImageProcessor", "PixtralImageProcessorPil", " lighton_ocr mistral3 pixtral "},
    {"PoolFormerImageProcessor", "PoolFormerImageProcessorPil", " poolformer "},
    {"PromptDepthAnythingImageProcessor", "PromptDepthAnythingImageProcessorPil", " prompt_depth_anything "},
    {"PvtImageProcessor", "PvtImageProcessorPil", " pvt pvt_v2 "},
    {"Qwen2VLImageProcessor", "Qwen2VLImageProcessorPil", " colqwen2 cosmos3_omni exaone4_5 qwen2_5_omni qwen2_5_vl qwen2_vl qwen3_5 qwen3_5_moe qwen3_omni_moe qwen3_vl qwen4_exp "},
    {"RTDetrImageProcessor", "RTDetrImageProcessorPil", " deimv2 rt_detr "},
    {"RfDetrImageProcessor", "", " rf_detr "},
    {"SLANeXtImageProcessor", "", " slanet slanext "},
    {"Sam2ImageProcessor", "", " edgetam sam2 sam2_video "},
    {"Sam3ImageProcessor", "", " sam3 sam3_lite_text sam3_tracker sam3_tracker_video sam3_video "},
    {"SamImageProcessor", "SamImageProcessorPil", " sam sam_hq "},
    {"Sapiens2ImageProcessor", "", " sapiens2 "},
    {"SegGptImageProcessor", "SegGptImageProcessorPil", " seggpt "},
    {"SegformerImageProcessor", "SegformerImageProcessorPil", " segformer upernet "},
    {"Siglip2ImageProcessor", "Siglip2ImageProcessorPil", " siglip2 "},
    {"SiglipImageProcessor", "SiglipImageProcessorPil", " colpali gemma3n paligemma siglip "},
    {"SmolVLMImageProcessor", "SmolVLMImageProcessorPil", " smolvlm "},
    {"Step3p7ImageProcessor", "", " step3p7 "},
    {"SuperGlueImageProcessor", "SuperGlueImageProcessorPil", " superglue "},
    {"SuperPointImageProcessor", "SuperPointImageProcessorPil", " superpoint "},
    {"Swin2SRImageProcessor", "Swin2SRImageProcessorPil", " swin2sr "},
    {"TextNetImageProcessor", "TextNetImageProcessorPil", " textnet "},
    {"TimmWrapperImageProcessor", "", " timm_wrapper "},
    {"Tipsv2DptImageProcessor", "", " tipsv2_dpt "},
    {"Tipsv2ImageProcessor", "", " tipsv2 "},
    {"TvpImageProcessor", "TvpImageProcessorPil", " tvp "},
    {"UVDocImageProcessor", "", " uvdoc "},
    {"ViTImageProcessor", "ViTImageProcessorPil", " clipseg dinat ijepa mgp-str swiftformer swin swinv2 trocr vit vit_mae vit_msn "},
    {"VideoLlama3ImageProcessor", "VideoLlama3ImageProcessorPil", " video_llama_3 "},
    {"VideoLlavaImageProcessor", "", " video_llava "},
    {"VideoMAEImageProcessor", "VideoMAEImageProcessorPil", " timesformer videomae "},
    {"ViltImageProcessor", "ViltImageProcessorPil", " vilt "},
    {"VitMatteImageProcessor", "VitMatteImageProcessorPil", " vitmatte "},
    {"VitPoseImageProcessor", "VitPoseImageProcessorPil", " vitpose "},
    {"VivitImageProcessor", "", " vivit "},
    {"YolosImageProcessor", "YolosImageProcessorPil", " yolos "},
    {"ZoeDepthImageProcessor", "ZoeDepthImageProcessorPil", " zoedepth "},
};

constexpr ModelClass kVideoClasses[] = {
    {"CohereCompassVideoProcessor", "", " cohere_compass "},
    {"Cosmos3EdgeVideoProcessor", "", " cosmos3_edge "},
    {"Ernie4_5_VLMoeVideoProcessor", "", " ernie4_5_vl_moe "},
    {"Gemma4UnifiedVideoProcessor", "", " gemma4_unified "},
    {"Gemma4VideoProcessor", "", " gemma4 "},
    {"Glm46VVideoProcessor", "", " glm46v "},
    {"Glm4vVideoProcessor", "", " glm4v "},
    {"Glm5NextVideoProcessor", "", " glm5_next "},
    {"GlmgaVideoProcessor", "", " glmga "},
    {"InstructBlipVideoVideoProcessor", "", " instructblip instructblipvideo "},
    {"InternVLVideoProcessor", "", " internvl "},
    {"Kimi_K25VideoProcessor", "", " kimi_k25 "},
    {"LlavaNextVideoVideoProcessor", "", " llava_next_video "},
    {"LlavaOnevisionVideoProcessor", "", " llava_onevision videoprism "},
    {"MiniCPMV4_6VideoProcessor", "", " minicpmv4_6 "},
    {"MiniMaxM3VLVideoProcessor", "", " minimax_m3_vl "},
    {"MuseGlimmerVideoProcessor", "", " muse_glimmer "},
    {"PeVideoVideoProcessor", "", " pe_audio_video pe_video "},
    {"PerceptionLMVideoProcessor", "", " perception_lm "},
    {"Qwen2VLVideoProcessor", "", " exaone4_5 qwen2_5_omni qwen2_5_vl qwen2_vl qwen3_omni_moe "},
    {"Qwen3VLVideoProcessor", "", " cosmos3_omni qwen3_5 qwen3_5_moe qwen3_vl qwen3_vl_moe qwen4_exp "},
    {"Sam2VideoVideoProcessor", "", " sam2_video "},
    {"SmolVLMVideoProcessor", "", " smolvlm "},
    {"TimesformerVideoProcessor", "", " timesformer "},
    {"VJEPA2VideoProcessor", "", " vjepa2 "},
    {"VideoLlama3VideoProcessor", "", " video_llama_3 "},
    {"VideoLlavaVideoProcessor", "", " video_llava "},
    {"VideoMAEVideoProcessor", "", " videomae "},
    {"VideomtVideoProcessor", "", " videomt "},
    {"VivitVideoProcessor", "", " vivit "},
};
// clang-format on

using Rows = std::span<const ModelClass>;

std::optional<std::string_view> class_of(Rows rows, const std::string& model_type) {
  const std::string word = " " + model_type + " ";
  const auto found = std::find_if(rows.begin(), rows.end(), [&](const ModelClass& row) {
    return row.model_types.find(word) != std::string_view::npos;
  });
  if (found == rows.end()) return std::nullopt;
  return found->class_name;
}

std::optional<std::string_view> named_in(Rows rows, std::string_view name) {
  if (name.empty()) return std::nullopt;
  const auto found = std::find_if(rows.begin(), rows.end(), [&](const ModelClass& row) {
    return row.class_name == name || row.pillow_name == name;
  });
  if (found == rows.end()) return std::nullopt;
  return found->class_name;
}

std::vector<std::string_view> names_of(Rows rows) {
  std::vector<std::string_view> names;
  for (const ModelClass& row : rows) {
    if (!row.class_name.empty()) names.push_back(row.class_name);
  }
  return names;
}

}  // namespace

std::optional<std::string_view> class_of_model(const std::string& model_type) {
  return class_of(kClasses, model_type);
}

std::optional<std::string_view> video_class_of_model(const std::string& model_type) {
  const std::optional<std::string_view> found = class_of(kVideoClasses, model_type);
  return found || !class_of(kClasses, model_type) ? found : std::string_view();
}

std::optional<std::string_view> class_named(std::string_view name) {
  return named_in(kClasses, name);
}

std::optional<std::string_view> video_class_named(std::string_view name) {
  return named_in(kVideoClasses, name);
}

std::vector<std::string_view> image_processor_classes() {
  return names_of(kClasses);
}

std::vector<std::string_view> video_processor_classes() {
  return names_of(kVideoClasses);
}

}  // namespace kir
