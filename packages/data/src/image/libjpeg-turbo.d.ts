/** The part of the package that `small-jpeg.ts` uses; it comes without types. */
declare module '@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasmjs' {
  export type Frame = { width: number; height: number; componentCount: 1 | 3 };
  export type Decoder = {
    /** Memory for the file, to be written by the caller. */
    getEncodedBuffer(bytes: number): Uint8Array;
    /** Both throw a number, the address of a message, at an error; `decode` at a warning, too. */
    readHeader(): void;
    decode(): void;
    getFrameInfo(): Frame;
    /** A copy: (height, width, componentCount). */
    getDecodedBuffer(): Uint8ClampedArray<ArrayBuffer>;
    delete(): void;
  };
  export type Codec = { JPEGDecoder: new () => Decoder };
  export default function load(): Promise<Codec>;
}
