; A program of a few kilobytes in place of the app's, with which the installers are tried. Given
; a file it notes its name; given /hold it runs until there is a file let-go. Both in NOTES.

Target amd64-unicode
Name "Stand-in"
OutFile "${OUT}"
SilentInstall silent
RequestExecutionLevel user
!include FileFunc.nsh
!include LogicLib.nsh
!define NOTES "$LOCALAPPDATA\sprite-lab"

Section
  ${GetParameters} $0
  CreateDirectory "${NOTES}"
  ${If} $0 == "/hold"
    FileOpen $1 "${NOTES}\held" w
    FileClose $1
    ${DoUntil} ${FileExists} "${NOTES}\let-go"
      Sleep 100
    ${Loop}
  ${ElseIf} $0 != ""
    FileOpen $1 "${NOTES}\opened.txt" w
    FileWriteUTF16LE $1 $0
    FileClose $1
  ${EndIf}
SectionEnd
