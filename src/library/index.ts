// The library, by name.
export type { DrillReport, KillAnswer } from "../api/host.ts";
export type { EventListener, TrueupEvent } from "../daemon/events.ts";
export { CliError as TrueupError } from "../daemon/exit.ts";
export type {
  AccountGiven,
  AlpacaGiven,
  BinanceGiven,
  BybitGiven,
  DeadManGiven,
  DecimalText,
  ExitsGiven,
  LimitsGiven,
  MirrorGiven,
  OwnGiven,
  PaperGiven,
  PolicyGiven,
  PolymarketGiven,
  TrueupConfig,
} from "./config.ts";
export { type ConnectOptions, connectTrueup } from "./connect.ts";
export { type OpenOptions, openTrueup } from "./open.ts";
export type {
  Account,
  AmendmentGiven,
  AskAnswer,
  FlattenOrder,
  GateAnswer,
  GateChange,
  HeldLot,
  KillOrder,
  LotMoveGiven,
  NotesGiven,
  OrderAsked,
  OrderGiven,
  OrderNamed,
  OrderSent,
  Release,
  Trueup,
} from "./trueup.ts";
