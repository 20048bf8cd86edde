; The installer of Sprite Lab for Windows. windows_installers.py writes FILES (two macros that
; know every file of the app) and calls makensis with the defines below.
;
; Silent: /S, /AllUsers (needs an administrator), /DesktopShortcut, /D=FOLDER (last, unquoted).
; Exit codes: 0 done, 1 canceled, 2 failed, 3 Sprite Lab is running, 4 needs an administrator.

Target amd64-unicode
SetCompressor /SOLID /FINAL lzma
SetCompressorDictSize 32
ManifestDPIAware true
ManifestLongPathAware true
RequestExecutionLevel user

!include FileFunc.nsh
!include LogicLib.nsh
!include MUI2.nsh
!include nsDialogs.nsh
!include Sections.nsh
!include WinVer.nsh
!include WordFunc.nsh

!define NAME "Sprite Lab"
!define PUBLISHER "Sprite Lab contributors"
!define ADDRESS "https://github.com/sprite-lab/sprite-lab"
!define PROGRAM "Sprite Lab.exe"
!define CONSOLE "sprite-lab.exe"
!define UNINSTALLER "uninstall.exe"
!define PROGID "SpriteLab.Project"
!define MIME "application/vnd.sprite-lab.project"
!define CLASSES "Software\Classes"
!define ENTRY "Software\Microsoft\Windows\CurrentVersion\Uninstall\SpriteLab"
!define USER_DATA "%LOCALAPPDATA%\sprite-lab"

!define EXIT_FAILED 2
!define EXIT_RUNNING 3
!define EXIT_NEEDS_ADMINISTRATOR 4

!include "${FILES}"

Name "${NAME}"
OutFile "${OUT}"
InstallDir "$LOCALAPPDATA\Programs\${NAME}"
BrandingText "${NAME} ${VERSION}"
ShowInstDetails nevershow
ShowUninstDetails nevershow

VIProductVersion "${NUMBERS}"
VIFileVersion "${NUMBERS}"
VIAddVersionKey ProductName "${NAME}"
VIAddVersionKey ProductVersion "${VERSION}"
VIAddVersionKey FileVersion "${VERSION}"
VIAddVersionKey FileDescription "${NAME} Setup"
VIAddVersionKey CompanyName "${PUBLISHER}"
VIAddVersionKey LegalCopyright "MIT License"

!ifdef SIGN
  ; The command is read from the environment, so that it shows in no list of processes.
  !finalize `$%WINDOWS_SIGN_COMMAND%` = 0
  !uninstfinalize `$%WINDOWS_SIGN_COMMAND%` = 0
!endif

Var Everyone ; 1 where the program is for all users of this computer
Var ModeGiven ; 1 where the command line has said so
Var FolderGiven ; 1 where it has named a folder
Var OldFolder
Var OldNumbers
Var EveryoneButton

; -- pages ---------------------------------------------------------------------------------

!define MUI_ICON "${ICON}"
!define MUI_UNICON "${ICON}"
!define MUI_WELCOMEFINISHPAGE_BITMAP "${PICTURE}"
!define MUI_UNWELCOMEFINISHPAGE_BITMAP "${PICTURE}"
!define MUI_ABORTWARNING
!define MUI_COMPONENTSPAGE_NODESC
!define MUI_FINISHPAGE_RUN
!define MUI_FINISHPAGE_RUN_TEXT "Start ${NAME}"
!define MUI_FINISHPAGE_RUN_FUNCTION StartProgram

!insertmacro MUI_PAGE_LICENSE "${LICENSE}"
Page custom AskForWhom TakeForWhom
!insertmacro MUI_PAGE_COMPONENTS
!define MUI_PAGE_CUSTOMFUNCTION_LEAVE CheckFolder
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_PAGE_FINISH

!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!define MUI_FINISHPAGE_TITLE "${NAME} was removed"
!define MUI_FINISHPAGE_TEXT "Your runs, sets of sprites and settings were left where they \
  are, in ${USER_DATA}. Delete that folder if you no longer want them."
!insertmacro MUI_UNPAGE_FINISH

!insertmacro MUI_LANGUAGE English

; -- what is installed ---------------------------------------------------------------------

Section "${NAME}" MainSection
  SectionIn RO
  Call CheckFolder
  Push $INSTDIR
  Call RefuseWhileRunning
  Call RemoveOld

  !insertmacro InstallFiles
  SetOutPath "$INSTDIR"
  WriteUninstaller "$INSTDIR\${UNINSTALLER}"
  CreateShortcut "$SMPROGRAMS\${NAME}.lnk" "$INSTDIR\${PROGRAM}"

  WriteRegStr SHCTX "${CLASSES}\${PROGID}" "" "${NAME} project"
  WriteRegStr SHCTX "${CLASSES}\${PROGID}" "FriendlyTypeName" "${NAME} project"
  WriteRegStr SHCTX "${CLASSES}\${PROGID}\DefaultIcon" "" "$INSTDIR\project.ico"
  WriteRegStr SHCTX "${CLASSES}\${PROGID}\shell\open\command" "" '"$INSTDIR\${PROGRAM}" "%1"'
  WriteRegStr SHCTX "${CLASSES}\.spritelab" "" "${PROGID}"
  WriteRegStr SHCTX "${CLASSES}\.spritelab" "Content Type" "${MIME}"
  WriteRegNone SHCTX "${CLASSES}\.spritelab\OpenWithProgids" "${PROGID}"

  WriteRegStr SHCTX "${ENTRY}" "DisplayName" "${NAME}"
  WriteRegStr SHCTX "${ENTRY}" "DisplayVersion" "${VERSION}"
  WriteRegStr SHCTX "${ENTRY}" "DisplayIcon" "$INSTDIR\${PROGRAM}"
  WriteRegStr SHCTX "${ENTRY}" "Publisher" "${PUBLISHER}"
  WriteRegStr SHCTX "${ENTRY}" "URLInfoAbout" "${ADDRESS}"
  WriteRegStr SHCTX "${ENTRY}" "InstallLocation" "$INSTDIR"
  WriteRegStr SHCTX "${ENTRY}" "UninstallString" '"$INSTDIR\${UNINSTALLER}"'
  WriteRegStr SHCTX "${ENTRY}" "QuietUninstallString" '"$INSTDIR\${UNINSTALLER}" /S'
  WriteRegStr SHCTX "${ENTRY}" "Numbers" "${NUMBERS}" ; ours: versions as they compare
  WriteRegDWORD SHCTX "${ENTRY}" "EstimatedSize" ${KILOBYTES}
  WriteRegDWORD SHCTX "${ENTRY}" "NoModify" 1
  WriteRegDWORD SHCTX "${ENTRY}" "NoRepair" 1
  ${RefreshShellIcons}
SectionEnd

Section /o "Shortcut on the desktop" DesktopSection
  CreateShortcut "$DESKTOP\${NAME}.lnk" "$INSTDIR\${PROGRAM}"
SectionEnd

; By the list of what was installed and never by folder: the folder may hold a person's files.
Section Uninstall
  Push $INSTDIR
  Call un.RefuseWhileRunning
  !insertmacro RemoveFiles
  Delete "$INSTDIR\${UNINSTALLER}"
  RMDir "$INSTDIR"
  Delete "$SMPROGRAMS\${NAME}.lnk"
  Delete "$DESKTOP\${NAME}.lnk"

  DeleteRegKey SHCTX "${CLASSES}\${PROGID}"
  DeleteRegValue SHCTX "${CLASSES}\.spritelab\OpenWithProgids" "${PROGID}"
  DeleteRegKey /ifempty SHCTX "${CLASSES}\.spritelab\OpenWithProgids"
  ReadRegStr $0 SHCTX "${CLASSES}\.spritelab" ""
  ${If} $0 == "${PROGID}"
    DeleteRegValue SHCTX "${CLASSES}\.spritelab" ""
    DeleteRegValue SHCTX "${CLASSES}\.spritelab" "Content Type"
  ${EndIf}
  DeleteRegKey /ifempty SHCTX "${CLASSES}\.spritelab"
  DeleteRegKey SHCTX "${ENTRY}"
  ${un.RefreshShellIcons}
SectionEnd

; -- for whom ------------------------------------------------------------------------------

Function .onInit
  ${IfNot} ${AtLeastWin10}
    MessageBox MB_ICONSTOP|MB_OK "${NAME} needs Windows 10 or newer." /SD IDOK
    SetErrorLevel ${EXIT_FAILED}
    Quit
  ${EndIf}
  ${If} $INSTDIR != "$LOCALAPPDATA\Programs\${NAME}"
    StrCpy $FolderGiven 1
  ${EndIf}
  ${GetParameters} $0
  ClearErrors
  ${GetOptions} $0 "/AllUsers" $1
  ${IfNot} ${Errors}
    StrCpy $ModeGiven 1
    UserInfo::GetAccountType
    Pop $1
    ${If} $1 != "Admin"
      MessageBox MB_ICONSTOP|MB_OK "To install ${NAME} for all users, run this as an \
        administrator." /SD IDOK
      SetErrorLevel ${EXIT_NEEDS_ADMINISTRATOR}
      Quit
    ${EndIf}
    StrCpy $Everyone 1
  ${EndIf}
  Call SetMode
  ClearErrors
  ${GetOptions} $0 "/DesktopShortcut" $1
  ${IfNot} ${Errors}
    !insertmacro SelectSection ${DesktopSection}
  ${EndIf}
  ${If} $ModeGiven == 1
    Call AskToDowngrade
  ${EndIf}
FunctionEnd

; Folders and registry for one or all, and what an older installation says.
Function SetMode
  ${If} $Everyone == 1
    SetShellVarContext all
  ${Else}
    SetShellVarContext current
  ${EndIf}
  ReadRegStr $OldFolder SHCTX "${ENTRY}" "InstallLocation"
  ReadRegStr $OldNumbers SHCTX "${ENTRY}" "Numbers"
  ${If} $FolderGiven != 1
    ${If} $OldFolder != ""
      StrCpy $INSTDIR $OldFolder
    ${ElseIf} $Everyone == 1
      StrCpy $INSTDIR "$PROGRAMFILES64\${NAME}"
    ${Else}
      StrCpy $INSTDIR "$LOCALAPPDATA\Programs\${NAME}"
    ${EndIf}
  ${EndIf}
  ${If} ${FileExists} "$DESKTOP\${NAME}.lnk"
    !insertmacro SelectSection ${DesktopSection}
  ${EndIf}
FunctionEnd

Function AskForWhom
  ${If} $ModeGiven == 1
    Abort ; the page, not the installer
  ${EndIf}
  !insertmacro MUI_HEADER_TEXT "For whom" "Who is to use ${NAME} on this computer?"
  nsDialogs::Create 1018
  Pop $0
  ${NSD_CreateRadioButton} 0 10u 100% 12u "Only for &me"
  Pop $1
  ${NSD_CreateRadioButton} 0 28u 100% 12u "For &everyone (needs an administrator)"
  Pop $EveryoneButton
  ; As it was before, where it was.
  ReadRegStr $2 HKLM "${ENTRY}" "InstallLocation"
  ReadRegStr $3 HKCU "${ENTRY}" "InstallLocation"
  ${If} $2 != ""
  ${AndIf} $3 == ""
    StrCpy $1 $EveryoneButton
  ${EndIf}
  ${NSD_Check} $1
  nsDialogs::Show
FunctionEnd

Function TakeForWhom
  ${NSD_GetState} $EveryoneButton $0
  StrCpy $Everyone 0
  ${If} $0 == ${BST_CHECKED}
    UserInfo::GetAccountType
    Pop $0
    ${If} $0 != "Admin"
      ClearErrors
      HideWindow
      ExecShellWait "runas" "$EXEPATH" "/AllUsers"
      ${IfNot} ${Errors}
        Quit
      ${EndIf}
      ShowWindow $HWNDPARENT ${SW_SHOW} ; no rights were given: stay on this page
      Abort
    ${EndIf}
    StrCpy $Everyone 1
  ${EndIf}
  Call SetMode
  Call AskToDowngrade
FunctionEnd

Function un.onInit
  ReadRegStr $0 HKLM "${ENTRY}" "InstallLocation"
  ${If} $0 == $INSTDIR
    UserInfo::GetAccountType
    Pop $0
    ${If} $0 != "Admin"
      ${If} ${Silent}
        SetErrorLevel ${EXIT_NEEDS_ADMINISTRATOR}
      ${Else}
        ExecShell "runas" "$INSTDIR\${UNINSTALLER}"
      ${EndIf}
      Quit
    ${EndIf}
    SetShellVarContext all
  ${Else}
    SetShellVarContext current
  ${EndIf}
FunctionEnd

; -- before anything is changed --------------------------------------------------------------

Function CheckFolder
  StrLen $0 $INSTDIR
  IntOp $0 $0 + ${LONGEST}
  ${If} $0 > 258
    MessageBox MB_ICONSTOP|MB_OK "This folder's name is too long for Windows: choose a \
      shorter one." /SD IDOK
    SetErrorLevel ${EXIT_FAILED}
    Abort
  ${EndIf}
FunctionEnd

Function AskToDowngrade
  ${If} $OldNumbers == ""
    Return
  ${EndIf}
  ${VersionCompare} $OldNumbers "${NUMBERS}" $0
  ${If} $0 == 1
    ReadRegStr $0 SHCTX "${ENTRY}" "DisplayVersion"
    MessageBox MB_ICONQUESTION|MB_YESNO|MB_DEFBUTTON2 "${NAME} $0 is installed, which is newer \
      than ${VERSION}. Go back to ${VERSION}?$\r$\n$\r$\nYour runs and settings stay. What \
      only the newer version can read, it will say so." /SD IDYES IDYES go
    SetErrorLevel 1
    Quit
    go:
  ${EndIf}
FunctionEnd

; Windows lets nobody write to a program that runs. Takes the folder from the stack.
!macro DefineRefuseWhileRunning PREFIX
  Function ${PREFIX}RefuseWhileRunning
    Pop $0
    again:
    ClearErrors
    !insertmacro TryToWrite "$0\${PROGRAM}"
    !insertmacro TryToWrite "$0\${CONSOLE}"
    ${If} ${Errors}
      MessageBox MB_ICONEXCLAMATION|MB_RETRYCANCEL "${NAME} is running, or its files in $0 \
        cannot be changed. Close it and try again." /SD IDCANCEL IDRETRY again
      SetErrorLevel ${EXIT_RUNNING}
      Quit
    ${EndIf}
  FunctionEnd
!macroend
!macro TryToWrite FILE
  ${If} ${FileExists} "${FILE}"
    FileOpen $1 "${FILE}" a
    FileClose $1
  ${EndIf}
!macroend
!insertmacro DefineRefuseWhileRunning ""
!insertmacro DefineRefuseWhileRunning "un."

; The older version knows its own files and takes them away itself.
Function RemoveOld
  ${If} $OldFolder == ""
  ${OrIfNot} ${FileExists} "$OldFolder\${UNINSTALLER}"
    Return
  ${EndIf}
  Push $OldFolder
  Call RefuseWhileRunning
  ; Told its folder, it runs in place and is waited for, but cannot delete itself.
  ExecWait '"$OldFolder\${UNINSTALLER}" /S _?=$OldFolder' $0
  ${If} $0 <> 0
    MessageBox MB_ICONSTOP|MB_OK "The older version in $OldFolder could not be removed: \
      uninstall it in Windows' settings and try again." /SD IDOK
    SetErrorLevel ${EXIT_FAILED}
    Quit
  ${EndIf}
  Delete "$OldFolder\${UNINSTALLER}"
  RMDir "$OldFolder"
FunctionEnd

; Through Explorer, which has the person's own rights even where this has an administrator's.
Function StartProgram
  Exec '"$WINDIR\explorer.exe" "$INSTDIR\${PROGRAM}"'
FunctionEnd
