import type {
  AccessLoggerConfigSide,
  AccessLoggerConfigSides,
} from "../observe/access-log/extension.ts";
import { httpGrpcConfigSide, tcpGrpcConfigSide } from "./grpc/config.ts";

const SIDES: readonly AccessLoggerConfigSide[] = [httpGrpcConfigSide, tcpGrpcConfigSide];

/** Access loggers other than files and streams of the process, main side, by message type. */
export const accessLoggerConfigSides: AccessLoggerConfigSides = new Map(
  SIDES.map((side) => [side.configType, side]),
);
