export { cuttingFor } from './cut.ts';
export { type FacesEvent, type FacesResult, faces, type PhotoFaces } from './faces.ts';
export { type FacesRequest, facesRequest } from './request.ts';
export type { FaceRecord, WrittenFace } from './table.ts';
