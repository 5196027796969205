/** Writes a graph as the protocol buffer that TensorFlow loads (tensorflow/core/protobuf/saved_model.proto, the fields used here). */
import protobuf from 'protobufjs';
import type { Graph } from './node.ts';

const SCHEMA = `syntax = "proto3";
message TensorShape { message Dim { int64 size = 1; } repeated Dim dim = 2; }
message TensorProto { int32 dtype = 1; TensorShape tensor_shape = 2; bytes tensor_content = 4; }
message NameAttrList { string name = 1; }
message ListValue { repeated bytes s = 2; repeated int64 i = 3; repeated float f = 4; repeated bool b = 5; repeated int32 type = 6; }
message AttrValue { oneof value { ListValue list = 1; bytes s = 2; int64 i = 3; float f = 4; bool b = 5; int32 type = 6; TensorShape shape = 7; TensorProto tensor = 8; NameAttrList func = 10; } }
message NodeDef { string name = 1; string op = 2; repeated string input = 3; map<string, AttrValue> attr = 5; }
message ArgDef { string name = 1; int32 type = 3; }
message OpDef { string name = 1; repeated ArgDef input_arg = 2; repeated ArgDef output_arg = 3; }
message FunctionDef { OpDef signature = 1; repeated NodeDef node_def = 3; map<string, string> ret = 4; map<string, AttrValue> attr = 5; }
message FunctionDefLibrary { repeated FunctionDef function = 1; }
message VersionDef { int32 producer = 1; }
message GraphDef { repeated NodeDef node = 1; FunctionDefLibrary library = 2; VersionDef versions = 4; }
message MetaInfo { repeated string tags = 4; }
message MetaGraph { MetaInfo meta_info_def = 1; GraphDef graph_def = 2; }
message SavedModel { int64 saved_model_schema_version = 1; repeated MetaGraph meta_graphs = 2; }`;

const SavedModel = protobuf.parse(SCHEMA, { keepCase: true }).root.lookupType('SavedModel');

// The version of graphs that TensorFlow 2 writes: older producers get compatibility rewrites.
const PRODUCER = 2000;

export const TAG = 'ablate';

/** The bytes of `saved_model.pb`. */
export const encodeSavedModel = ({ nodes, functions }: Graph): Uint8Array =>
  SavedModel.encode(
    SavedModel.fromObject({
      saved_model_schema_version: 1,
      meta_graphs: [
        {
          meta_info_def: { tags: [TAG] },
          graph_def: { node: nodes, library: { function: functions }, versions: { producer: PRODUCER } },
        },
      ],
    }),
  ).finish();
