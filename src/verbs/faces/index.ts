export { cuttingFor } from './cut.ts';
export { type FacesEvent, type FacesResult, faces } from './faces.ts';
export {
  type FacesRequest,
  type FacesShardRequest,
  facesRequest,
  facesShardRequest,
} from './request.ts';
export { type FacesShard, facesShard } from './shard.ts';
export type { FaceRecord, PhotoFaces, WrittenFace } from './table.ts';
